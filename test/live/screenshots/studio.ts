import type { N8nClient } from '../../../playground/rest.ts';
import type { Page } from '../harness/browser.ts';

/** Until the editor's animations have ended. */
export const REST_MS = 3_000;

/** What all pictures are taken with. */
export interface Studio {
	url: string;
	client: N8nClient;
	/** The credential of an emulator. */
	credentialId: string;
	/** A page of that size, signed in. */
	newPage(size: { width: number; height: number }): Promise<Page>;
}

export async function openWorkflow(page: Page, url: string, id: string): Promise<void> {
	await page.goto(`${url}/workflow/${id}`, { waitUntil: 'domcontentloaded' });
	await page.waitForSelector('[data-test-id="canvas-node"]');
	await page.waitForTimeout(REST_MS);
}
