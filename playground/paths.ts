import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This folder. n8n is installed in its node_modules. */
export const PLAYGROUND = path.dirname(fileURLToPath(import.meta.url));

/** The folder of the package that the playground shows. */
export const PROJECT = path.dirname(PLAYGROUND);

/** Everything that the playground writes, n8n's database included. Delete it to start over. */
export const DATA = path.join(PLAYGROUND, '.data');

export const LOGS = path.join(DATA, 'logs');
