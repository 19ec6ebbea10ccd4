/**
 * Every run of the suite tries the same examples, so that what is red is red again. `PROPERTY_SEED=random` walks elsewhere each time, and prints where it was
 * when something falls; a number goes back there.
 */
import * as fc from 'fast-check';

const asked = process.env['PROPERTY_SEED'];
if (asked !== 'random') fc.configureGlobal({ seed: Number(asked ?? 20_261_121) });
