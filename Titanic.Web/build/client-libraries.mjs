// Copies the files of libman.json from node_modules: unpkg serves the content of the npm packages, so `npm ci` with a lock file provides the
// same files and verifies their integrity. `libman restore` reads the same manifest and writes the same files.
// Writes the list of copied files to node_modules/.client-libraries, from which the build determines whether it is up to date.

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { fileURLToPath } from 'node:url';

const web = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const libraryFolder = join(web, 'wwwroot', 'lib');

const readJson = path => JSON.parse(readFileSync(path, 'utf8'));

function filesToCopy({ library, destination, files, provider }, defaultProvider) {
  const at = library.lastIndexOf('@');
  const [name, version] = [library.slice(0, at), library.slice(at + 1)];
  if ((provider ?? defaultProvider) !== 'unpkg')
    throw new Error(`The provider of ${library} is '${provider ?? defaultProvider}'; it must be 'unpkg', which serves npm packages.`);
  if (!files?.length)
    throw new Error(`${library} lists no files; list each file to copy to ${destination}.`);
  if (!resolve(web, destination).startsWith(libraryFolder + sep))
    throw new Error(`The destination of ${library} is '${destination}'; it must be a folder below wwwroot/lib.`);

  const packageFolder = join(web, 'node_modules', name);
  const manifest = join(packageFolder, 'package.json');
  if (!existsSync(manifest))
    throw new Error(`${library} is not installed; package.json must list "${name}": "${version}".`);
  const installed = readJson(manifest).version;
  if (installed !== version)
    throw new Error(`${name} ${installed} is installed but libman.json requires ${version}; use the same version in package.json and libman.json.`);

  return files.map(file => {
    const source = join(packageFolder, file);
    if (!existsSync(source))
      throw new Error(`${library} has no file '${file}'.`);
    return { source, target: resolve(web, destination, file) };
  });
}

try {
  const { libraries, defaultProvider } = readJson(join(web, 'libman.json'));
  const copies = libraries.flatMap(library => filesToCopy(library, defaultProvider));

  rmSync(libraryFolder, { recursive: true, force: true });
  for (const { source, target } of copies) {
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, readFileSync(source)); // not copyFile, which keeps the source's modification time on macOS, so that the build would not be up to date
  }
  writeFileSync(join(web, 'node_modules', '.client-libraries'), copies.map(({ target }) => relative(web, target) + '\n').join(''));
} catch (error) {
  console.error(`The client libraries of libman.json could not be copied: ${error.message}`);
  process.exitCode = 1;
}
