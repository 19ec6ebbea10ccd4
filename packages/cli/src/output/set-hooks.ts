/** The hooks that a project has, in the order in which a launch comes to them. */
import { hookNames, type HookName, type ProjectConfig } from '@terok/orchestration';

export type SetHook = { readonly hook: HookName; readonly command: readonly string[]; readonly timeoutSeconds: number };

export function setHooks({ hooks }: Pick<ProjectConfig, 'hooks'>): readonly SetHook[] {
  return hookNames.flatMap((hook) => {
    const set = hooks[hook];
    return set === null ? [] : [{ hook, ...set }];
  });
}
