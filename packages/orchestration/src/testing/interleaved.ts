/** Two acts at once, one of them between any two steps of the other. */

/** The same object, with something done before each of its asynchronous verbs; what hands on a stream is as it was. */
export function interleaved<T extends object>(target: T, before: () => Promise<void>): T {
  return new Proxy(target, {
    get(of, key) {
      const member: unknown = Reflect.get(of, key);
      if (typeof member !== 'function' || streams.includes(key)) return member;
      return async (...words: unknown[]): Promise<unknown> => {
        await before();
        return Reflect.apply(member, of, words);
      };
    },
  });
}

const streams: readonly unknown[] = ['logs', 'events', 'readChunks'];
