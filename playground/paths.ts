import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder. n8n is installed in its node_modules. */
export const PLAYGROUND = path.dirname(fileURLToPath(import.meta.url));

/** The folder of the package that is tried out here. */
export const PROJECT = path.dirname(PLAYGROUND);

/** Everything a run of the playground writes, n8n's database included: delete it to begin anew. */
export const DATA = path.join(PLAYGROUND, '.data');

export const LOGS = path.join(DATA, 'logs');
