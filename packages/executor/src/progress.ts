/** What long work tells while it goes on: which stage it is in, and each line that a program of that stage prints. */
export type Progress = { readonly kind: 'stage' | 'line'; readonly stage: string; readonly text: string };
export type OnProgress = (progress: Progress) => void;
