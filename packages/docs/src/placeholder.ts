/** Stand-ins for the facts of a failure: whatever a message asks for becomes that fact's name in braces. */

/** An object that has every property. Each is a text, a list of one text and an object like itself at once, as a message needs it. */
export function placeholders(): object {
  return new Proxy({}, { get: (_, name) => placeholder(`{${String(name)}}`) });
}

function placeholder(text: string): unknown {
  return new Proxy([text], {
    get(list, key) {
      if (key === Symbol.toPrimitive) return () => text;
      const owner: object = key in list ? list : new String(text);
      if (!(key in owner) && typeof key === 'string') return placeholder(`${text.slice(0, -1)}.${key}}`);
      const member: unknown = Reflect.get(owner, key, owner);
      return typeof member === 'function' ? (member.bind(owner) as unknown) : member;
    },
  });
}

/** A number that was worked out from a placeholder. */
export const withoutNaN = (text: string): string => text.replaceAll('NaN', '{number}');
