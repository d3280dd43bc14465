import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Before all tests: one folder for what their n8n writes. */
export default function setUp(): void {
	process.env.TEST_FOLDER = mkdtempSync(join(tmpdir(), 'n8n-userpilot-'));
}

/** After them. */
export function tearDown(): void {
	rmSync(process.env.TEST_FOLDER!, { recursive: true, force: true });
}
