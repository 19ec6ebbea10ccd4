/** What anything thrown says about itself. */
export const errorMessage = (error: unknown): string => (error instanceof Error ? error.message : String(error));
