import * as fs from 'node:fs';
import * as path from 'node:path';

/** The folder of the repository: the nearest one above that holds samconfig.toml. */
export function repository(from = __dirname): string {
  if (fs.existsSync(path.join(from, 'samconfig.toml'))) {
    return from;
  }
  const above = path.dirname(from);
  if (above === from) {
    throw new Error('within24: no repository around this package; give `template` and `builtFunctions`');
  }
  return repository(above);
}
