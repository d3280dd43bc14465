import { existsSync } from 'node:fs';

import { Failure } from '../../../playground/failure.ts';
import type { Login } from '../../../playground/rest.ts';
import { requireTool } from './tools.ts';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

interface Box {
	x: number;
	y: number;
	width: number;
	height: number;
}

interface Locator {
	first(): Locator;
	last(): Locator;
	all(): Promise<Locator[]>;
	boundingBox(): Promise<Box>;
	click(): Promise<void>;
	dblclick(): Promise<void>;
	scrollIntoViewIfNeeded(): Promise<void>;
	screenshot(options: { path: string }): Promise<Buffer>;
}

/** The part of Playwright's page that is used here. */
export interface Page {
	goto(url: string, options: { waitUntil: 'domcontentloaded' }): Promise<unknown>;
	fill(selector: string, text: string): Promise<void>;
	click(selector: string): Promise<void>;
	locator(selector: string): Locator;
	waitForSelector(selector: string, options?: { timeout: number }): Promise<unknown>;
	waitForTimeout(ms: number): Promise<void>;
	waitForURL(url: RegExp): Promise<void>;
	screenshot(options: { path?: string; clip?: Box }): Promise<Buffer>;
	setContent(html: string): Promise<void>;
	setViewportSize(size: { width: number; height: number }): Promise<void>;
}

interface Browser {
	newPage(options: { viewport: { width: number; height: number } }): Promise<Page>;
	close(): Promise<void>;
}

/** @throws Failure when there is no Chromium */
export async function startBrowser(): Promise<Browser> {
	const { chromium } = requireTool<{
		chromium: { launch(options: object): Promise<Browser> };
	}>('playwright-core');
	const executablePath = [process.env.CHROMIUM ?? '', ...CHROMIUM].find((file) => existsSync(file));
	if (executablePath === undefined) {
		throw new Failure('Chromium is missing. On Debian or Ubuntu: apt-get install chromium');
	}
	return await chromium.launch({ executablePath, args: ['--no-sandbox'] });
}

export async function logIn(page: Page, url: string, { email, password }: Login): Promise<void> {
	await page.goto(`${url}/signin`, { waitUntil: 'domcontentloaded' });
	await page.fill('input[name="emailOrLdapLoginId"]', email);
	await page.fill('input[name="password"]', password);
	await page.click('button:has-text("Sign in")');
	await page.waitForURL(/home|workflow/);
}
