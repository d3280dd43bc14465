import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT } from '../../../playground/paths.ts';
import type { N8nClient, WorkflowFile } from '../../../playground/rest.ts';
import type { Page } from '../harness/browser.ts';
import { DOCS } from '../harness/report.ts';
import { openWorkflow, type Studio } from './studio.ts';

const EXAMPLES = path.join(PROJECT, 'examples');
/** Pixels around the nodes. Their names are below them, and wider. */
const AROUND = { x: 56, above: 16, below: 56 };
/** Wide enough for the longest example at its full size. */
const CANVAS = { width: 2200, height: 1500 };

type Credentials = Record<string, { id: string; name: string }>;

/** Credentials of each type, without a secret: without them, the editor marks each node with a warning. */
class EmptyCredentials {
	private readonly client: N8nClient;
	private readonly ids = new Map<string, string>();

	constructor(client: N8nClient) {
		this.client = client;
	}

	async fill(credentials: Credentials): Promise<void> {
		for (const [type, credential] of Object.entries(credentials)) {
			const id =
				this.ids.get(type) ?? (await this.client.saveCredential(credential.name, type, {})).id;
			this.ids.set(type, id);
			credential.id = id;
		}
	}
}

/** The part of the page that nodes, notes and connections take. */
async function aroundNodes(page: Page) {
	const drawn = await page.locator('.vue-flow__node, .vue-flow__edge-path').all();
	const boxes = await Promise.all(drawn.map(async (element) => await element.boundingBox()));
	const left = Math.min(...boxes.map(({ x }) => x)) - AROUND.x;
	const top = Math.min(...boxes.map(({ y }) => y)) - AROUND.above;
	const right = Math.max(...boxes.map(({ x, width }) => x + width)) + AROUND.x;
	const bottom = Math.max(...boxes.map(({ y, height }) => y + height)) + AROUND.below;
	return { x: left, y: top, width: right - left, height: bottom - top };
}

/** A picture of each workflow of `examples/`, as it is after the import. */
export async function pictureExamples({ newPage, url, client }: Studio): Promise<void> {
	const credentials = new EmptyCredentials(client);
	const page = await newPage(CANVAS);
	for (const file of readdirSync(EXAMPLES)) {
		const workflow = JSON.parse(readFileSync(path.join(EXAMPLES, file), 'utf8')) as WorkflowFile;
		for (const node of workflow.nodes as Array<{ credentials?: Credentials }>) {
			await credentials.fill(node.credentials ?? {});
		}
		const { id } = await client.createWorkflow(workflow);
		await openWorkflow(page, url, id);
		const picture = path.join(DOCS, 'examples', file.replace(/json$/, 'png'));
		await page.screenshot({ path: picture, clip: await aroundNodes(page) });
	}
}
