import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';

import { type Host, PLAYGROUND_HOST } from '../../../playground/install.ts';
import { npmFailure, runNpm } from '../../../playground/npm.ts';
import playground from '../../../playground/package.json' with { type: 'json' };
import { DATA } from '../../../playground/paths.ts';

/** One n8n in which the package is tried. */
export interface HostVersion {
	n8n: string;
	/** Major version of the Node that it runs on. */
	node: string;
}

/** The one that `npm start` shows, on the Node that the project brings: the newest that can be installed. */
const SHOWN: HostVersion = {
	n8n: playground.dependencies.n8n,
	node: process.versions.node.split('.')[0] ?? '',
};

/** The oldest first. */
export const VERSIONS: HostVersion[] = [
	{ n8n: '1.85.4', node: '20' },
	{ n8n: '1.123.81', node: '22' },
	{ n8n: '2.20.12', node: '22' },
	SHOWN,
];

/**
 * What has to be replaced so that an older n8n can be installed and starts: releases that are no longer
 * on npm, or never were, and later ones that need a newer `@langchain/core` than that n8n has.
 */
const OVERRIDES = {
	...playground.overrides,
	xlsx: '0.18.5',
	'@langchain/langgraph@^1': '1.1.2',
	'@langchain/langgraph-checkpoint@^1': '1.0.0',
};

/** Below it each version has a folder of its own, which is kept: delete it to begin anew. */
const FOLDER = path.join(DATA, 'hosts');

/**
 * Where that n8n is, or is to be installed: a folder whose package.json and package-lock.json are
 * written here.
 *
 * @throws Failure with npm's words
 */
export async function hostOf({ n8n, node }: HostVersion): Promise<Host> {
	if (n8n === SHOWN.n8n) return PLAYGROUND_HOST;
	const folder = path.join(FOLDER, n8n);
	mkdirSync(folder, { recursive: true });
	const manifest = { private: true, dependencies: { n8n, node }, overrides: OVERRIDES };
	writeFileSync(path.join(folder, 'package.json'), JSON.stringify(manifest, null, 2));
	await lock(folder);
	return {
		folder,
		node: path.join(folder, 'node_modules', 'node', 'bin', 'node'),
		nativePackages: n8n.startsWith('1.') ? ['sqlite3'] : ['sqlite3', 'isolated-vm'],
		logs: path.join(folder, 'logs'),
	};
}

async function lock(folder: string): Promise<void> {
	if (existsSync(path.join(folder, 'package-lock.json'))) return;
	const logFile = path.join(folder, 'logs', 'lock.log');
	const args = ['install', '--package-lock-only', '--no-audit', '--no-fund'];
	if ((await runNpm({ args, cwd: folder, logFile })) === 0) return;
	throw npmFailure('Locking the packages', readFileSync(logFile, 'utf8'), logFile);
}
