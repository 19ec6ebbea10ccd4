/** Takes secrets out of text before it is shown or kept. */

/** What stands in the place of a secret. */
export const redacted = '<redacted>';

const secretMinCharacters = 4;

/** Shapes that are a secret wherever they appear. The group `keep` is what stays in front of it. */
const tokenShapes: readonly RegExp[] = [
  /\bsk-[A-Za-z0-9_-]{16,}/g, // OpenAI, Anthropic
  /\bgh[pousr]_[A-Za-z0-9]{16,}/g, // GitHub
  /\bgithub_pat_[A-Za-z0-9_]{16,}/g,
  /\bglpat-[A-Za-z0-9_-]{16,}/g, // GitLab
  /\bnpm_[A-Za-z0-9]{30,}/g,
  /\bxox[abeoprs]-[A-Za-z0-9-]{10,}/g, // Slack
  /\bAIza[A-Za-z0-9_-]{30,}/g, // Google
  /\b(?:AKIA|ASIA)[A-Z0-9]{16}\b/g, // AWS key id
  /\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]*/g, // JSON web token
  /(?<keep>\b[A-Za-z][A-Za-z0-9+.-]*:\/\/)[^\s/@:]*:[^\s/@]+(?=@)/g, // user:password@ in an address
  /(?<keep>\bauthorization["']?\s*[:=]\s*["']?(?:bearer|basic|token)\s+)[A-Za-z0-9+/=._~-]{8,}/gi,
  /-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*?(?:-----END [A-Z ]*PRIVATE KEY-----|$)/g,
];

/**
 * `text` with every given secret of at least four characters replaced by `<redacted>`, also where it appears URL-encoded, as the inside of a JSON string or in
 * base64 (at any of its three alignments), and with every well-known token shape replaced whoever it belongs to.
 */
export function redact(text: string, secrets: readonly string[]): string {
  const forms = new Set(secrets.filter((secret) => secret.length >= secretMinCharacters).flatMap(formsOf));
  const longestFirst = [redacted, ...[...forms].toSorted((a, b) => b.length - a.length)]; // the mark itself first: it is never looked into
  const known = text.replace(new RegExp(longestFirst.map(literal).join('|'), 'g'), redacted);
  return tokenShapes.reduce((rest, shape) => rest.replace(shape, replacement), known);
}

function literal(text: string): string {
  return text.replace(/[$()*+./?[\\\]^{|}-]/g, '\\$&');
}

function replacement(...match: readonly unknown[]): string {
  const groups = match.at(-1);
  const keep = typeof groups === 'object' && groups !== null && 'keep' in groups && typeof groups.keep === 'string' ? groups.keep : '';
  return keep + redacted;
}

function formsOf(secret: string): readonly string[] {
  const whole = secret.trim().length >= secretMinCharacters ? [secret, secret.trim()] : [secret];
  return whole.flatMap((form) => [form, ...urlForms(form), JSON.stringify(form).slice(1, -1), ...base64Forms(form)]);
}

/** In a path, and in the body of a form. */
function urlForms(secret: string): readonly string[] {
  const encoded = encodeURIComponent(secret.toWellFormed());
  return [encoded, encoded.replaceAll('%20', '+')];
}

/** In base64 a text looks different at each of three offsets; what depends on its neighbours is left out at both ends. */
function base64Forms(secret: string): readonly string[] {
  const bytes = Buffer.from(secret, 'utf8');
  return [0, 1, 2].flatMap((offset) => {
    const encoded = Buffer.concat([Buffer.alloc(offset), bytes])
      .toString('base64')
      .replace(/=+$/, '');
    const inside = encoded.slice(offset === 0 ? 0 : offset + 1, (bytes.length + offset) % 3 === 0 ? undefined : -1);
    return inside.length < 2 * secretMinCharacters - 2 ? [] : [inside, inside.replaceAll('+', '-').replaceAll('/', '_')];
  });
}
