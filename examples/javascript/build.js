// Makes a component of rules.js: node build.js OUTPUT.wasm
import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { componentize } from 'componentize-qjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const output = process.argv[2] ?? 'overlay.wasm';

// The tool looks for other packages of WIT in a folder beside the world.
const wit = await mkdtemp(join(tmpdir(), 'wit-'));
try {
  await cp(join(here, 'wit'), wit, { recursive: true });
  await cp(join(here, '../../wit'), join(wit, 'deps/rules'), { recursive: true });
  const { component } = await componentize({
    witPath: wit,
    world: 'overlay',
    jsSource: await readFile(join(here, 'rules.js'), 'utf8'),
    jsPath: join(here, 'rules.js'),
    // Calls return before they are done with; pgiris knows no other ones.
    sync: true,
  });
  await writeFile(output, component);
} finally {
  await rm(wit, { recursive: true });
}
