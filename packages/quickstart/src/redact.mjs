/** Takes secrets out of what other programs print: values of variables that are named like one, and the user part of addresses. */

const secretName = /token|secret|password|passwd|credential|auth|api_?key|private_?key/i;
const shortestSecret = 6;

/** @param {NodeJS.ProcessEnv} env @returns {(text: string) => string} */
export function redactor(env) {
  const secrets = Object.entries(env)
    .flatMap(([name, value]) => (value !== undefined && value.length >= shortestSecret && secretName.test(name) ? [value] : []))
    .toSorted((a, b) => b.length - a.length);
  return (text) =>
    secrets.reduce((rest, secret) => rest.replaceAll(secret, '[redacted]'), text).replaceAll(/(\w+:\/\/)[^\s/@]+@/g, '$1[redacted]@');
}
