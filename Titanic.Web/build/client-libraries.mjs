// Fulfils libman.json from node_modules: unpkg serves what the npm package holds, so `npm ci` with a lock file is the same
// files with their integrity checked. `libman restore` reads the same manifest and writes the same files.
// Writes the list of what it placed to node_modules/.client-libraries, which is how the build knows that nothing is to be done.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const libraryFolder = join(web, 'wwwroot', 'lib');

const readJson = path => JSON.parse(readFileSync(path, 'utf8'));

function placed({ library, destination, files, provider }, defaultProvider) {
  const at = library.lastIndexOf('@');
  const [name, version] = [library.slice(0, at), library.slice(at + 1)];
  if ((provider ?? defaultProvider) !== 'unpkg')
    throw new Error(`${library} is taken from '${provider ?? defaultProvider}'; only 'unpkg' can be fulfilled from npm packages.`);
  if (!files?.length)
    throw new Error(`${library} lists no files; name each file that is to be placed in ${destination}.`);
  if (!resolve(web, destination).startsWith(libraryFolder + sep))
    throw new Error(`${library} goes to '${destination}'; it must be a folder below wwwroot/lib.`);

  const packageFolder = join(web, 'node_modules', name);
  const manifest = join(packageFolder, 'package.json');
  if (!existsSync(manifest))
    throw new Error(`${library} is not installed; package.json must list "${name}": "${version}".`);
  const installed = readJson(manifest).version;
  if (installed !== version)
    throw new Error(`${name} ${installed} is installed but libman.json asks for ${version}; make package.json and libman.json agree.`);

  return files.map(file => {
    const source = join(packageFolder, file);
    if (!existsSync(source))
      throw new Error(`${library} has no file '${file}'.`);
    return { source, target: resolve(web, destination, file) };
  });
}

try {
  const { libraries, defaultProvider } = readJson(join(web, 'libman.json'));
  const copies = libraries.flatMap(library => placed(library, defaultProvider));

  rmSync(libraryFolder, { recursive: true, force: true });
  for (const { source, target } of copies) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(source)); // not copyFile, which on macOS keeps the source's time and so looks out of date
  }
  writeFileSync(join(web, 'node_modules', '.client-libraries'), copies.map(({ target }) => relative(web, target) + '\n').join(''));
} catch (error) {
  console.error(`libman.json cannot be fulfilled: ${error.message}`);
  process.exitCode = 1;
}
