/** Preloaded into a process: writes down which modules it loaded, in order, when it ends. */
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import process from 'node:process';

const loaded: string[] = [];
registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env['RECORD_MODULES_IN'] ?? '', loaded.join('\n')));
