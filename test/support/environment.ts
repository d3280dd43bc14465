import { mkdtempSync } from 'node:fs';
import { join } from 'node:path';

// n8n-core reads these when it is imported, so they are set before any test file is.
process.env.N8N_USER_FOLDER = mkdtempSync(join(process.env.TEST_FOLDER!, 'n8n-'));
process.env.N8N_ENCRYPTION_KEY = 'for-tests-only';
process.env.N8N_LOG_LEVEL = 'silent';
