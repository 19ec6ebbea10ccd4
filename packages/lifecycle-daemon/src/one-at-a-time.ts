/** Acts on one thing, one after the other in the order they were asked for. One that fails fails for its caller alone. */
export type OneAtATime = <T>(act: () => Promise<T>) => Promise<T>;

export function oneAtATime(): OneAtATime {
  let last: Promise<unknown> = Promise.resolve();
  return async (act) => {
    const mine = last.then(act, act);
    last = mine.catch(() => undefined); // told to whoever asked; the next act starts all the same
    return mine;
  };
}
