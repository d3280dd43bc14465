import { readFileSync } from 'node:fs';
import path from 'node:path';

import { PROJECT } from '../../../playground/paths.ts';
import type { WorkflowFile } from '../../../playground/rest.ts';
import type { Page } from '../harness/browser.ts';
import { DOCS } from '../harness/report.ts';
import { USERPILOT } from '../harness/workflows.ts';
import { openWorkflow, REST_MS, type Studio } from './studio.ts';
import { EDIT_FIELDS, rowsWithNames, summary } from './workflows.ts';

const RUN_MS = 60_000;
const ITEMS = 'text=/^[0-9,]+ items$/ >> visible=true';
const AROUND = 16;
const CANVAS = { width: 1700, height: 1000 };
const NODE = { width: 1440, height: 860 };

async function openNode(page: Page, name: string): Promise<void> {
	await page.setViewportSize(NODE);
	await page.locator(`[data-test-id="canvas-node"]:has-text("${name}")`).first().dblclick();
	await page.waitForTimeout(REST_MS);
}

/** Runs the node that is open, until its output says so. */
async function execute(page: Page, output: string): Promise<void> {
	await page.click('button:has-text("Execute step")');
	await page.waitForSelector(output, { timeout: RUN_MS });
	await page.waitForTimeout(2 * REST_MS);
}

const takePicture = async (page: Page, name: string): Promise<unknown> =>
	await page.screenshot({ path: path.join(DOCS, `${name}.png`) });

/** Fields before the first run, the list of events, rows and a summary with the fields that make them. */
async function pictureOutputs(page: Page, url: string, rows: string, groups: string) {
	await openWorkflow(page, url, rows);
	await openNode(page, EDIT_FIELDS);
	await takePicture(page, 'preview');

	await openWorkflow(page, url, rows);
	await openNode(page, USERPILOT);
	await page.click('[data-test-id="parameter-input-eventNames"]');
	await page.waitForTimeout(REST_MS);
	await takePicture(page, 'event-names');

	await openWorkflow(page, url, rows);
	await openNode(page, USERPILOT);
	await execute(page, ITEMS);
	await page.locator('label:has-text("Output Fields")').last().scrollIntoViewIfNeeded();
	await takePicture(page, 'names');

	await openWorkflow(page, url, groups);
	await openNode(page, USERPILOT);
	await execute(page, ITEMS);
	await page.locator('label:has-text("Return All")').first().scrollIntoViewIfNeeded();
	await takePicture(page, 'summary');
}

/** The sticky note of a workflow, and what lies on it. */
async function noteOf(page: Page): Promise<Buffer> {
	const note = page.locator('.vue-flow__node:has([data-test-id="sticky"])').first();
	const { x, y, width, height } = await note.boundingBox();
	return await page.screenshot({
		clip: {
			x: x - AROUND,
			y: y - AROUND,
			width: width + 2 * AROUND,
			height: height + 2 * AROUND,
		},
	});
}

/** Pictures side by side, in one file. */
async function join(page: Page, pictures: Buffer[], file: string): Promise<void> {
	const images = pictures.map(
		(picture) =>
			`<img src="data:image/png;base64,${picture.toString('base64')}" style="height:420px">`,
	);
	await page.setContent(
		`<body style="margin:0;background:#f5f5f5"><div id="all" style="display:inline-flex">${images.join('')}</div>`,
	);
	await page.locator('#all').screenshot({ path: file });
}

/** The pictures of README and docs: nodes, their fields, and what they return. */
export async function pictureNodes({ newPage, url, client, credentialId }: Studio): Promise<void> {
	const add = async (file: string) => {
		const workflow = JSON.parse(readFileSync(path.join(PROJECT, file), 'utf8')) as WorkflowFile;
		for (const { credentials } of workflow.nodes as Array<{
			credentials?: { userpilotApi?: { id: string; name: string } };
		}>) {
			if (credentials?.userpilotApi) {
				credentials.userpilotApi = { id: credentialId, name: 'Userpilot Playground' };
			}
		}
		return (await client.createWorkflow(workflow)).id;
	};
	const exporting = await add('playground/workflows/export.json');
	const collecting = await add('playground/workflows/files.json');
	const { id: rows } = await client.createWorkflow(rowsWithNames(credentialId));
	const { id: groups } = await client.createWorkflow(summary(credentialId));
	const page = await newPage(CANVAS);

	const notes: Buffer[] = [];
	for (const id of [exporting, collecting]) {
		await openWorkflow(page, url, id);
		notes.push(await noteOf(page));
	}
	await openWorkflow(page, url, exporting);
	await openNode(page, 'Export Rows');
	await execute(page, 'text=1000 items');
	await takePicture(page, 'rows');
	await pictureOutputs(page, url, rows, groups);
	await join(page, notes, path.join(DOCS, 'workflow.png'));
}
