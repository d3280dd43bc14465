import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Control, type EmulatorState } from './control.ts';
import { CONTROL_PREFIX, controlReply } from './control-routes.ts';
import { deliver } from './deliver.ts';
import { Exchanges } from './exchanges.ts';
import { FaultPlan, type Fault } from './faults.ts';
import { fileReply } from './file-server.ts';
import { FileStore } from './files.ts';
import { JobStore } from './jobs.ts';
import { RequestLog, type RequestEntry } from './ledger.ts';
import { htmlReply } from './reply.ts';
import { FILE_OPERATION, findRoute, keyOf, respondToRoute, type ApiContext } from './routes.ts';
import { defaultSettings, mergeSettings, type SettingsPatch } from './settings.ts';

export interface EmulatorOptions extends SettingsPatch {
	/** Ports on 127.0.0.1. Default: 0, any free port. */
	port?: number;
	filesPort?: number;
	/** The clock, ms since 1970. */
	now?: () => number;
	faults?: Fault[];
}

export interface Emulator {
	/** Base URL of the API, without a trailing slash. */
	apiUrl: string;
	/** Origin of the file store. */
	filesUrl: string;
	control: Control;
	/** The requests that have not ended: the response is being sent, or a fault keeps them waiting. */
	openRequests: ReadonlySet<Readonly<RequestEntry>>;
	/** Closes open connections and both ports. */
	close: () => Promise<void>;
}

const HOST = '127.0.0.1';
/** Ports are no settings: removes them from the options. */
const NO_PORTS = { port: undefined, filesPort: undefined };
const MAX_BODY_BYTES = 1_000_000;

async function readBody(request: IncomingMessage): Promise<string> {
	const chunks: Buffer[] = [];
	let bytes = 0;
	for await (const chunk of request as AsyncIterable<Buffer>) {
		bytes += chunk.length;
		if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
	}
	return Buffer.concat(chunks).toString();
}

async function listen(server: Server, port: number): Promise<string> {
	await new Promise<void>((resolve, reject) => {
		server.once('error', reject);
		server.listen(port, HOST, resolve);
	});
	return `http://${HOST}:${(server.address() as AddressInfo).port}`;
}

const stop = (server: Server): Promise<void> =>
	new Promise((resolve) => {
		server.close(() => resolve());
		server.closeAllConnections();
	});

function initialState(options: EmulatorOptions): EmulatorState {
	const { now = Date.now, faults = [], ...rest } = options;
	const settings = mergeSettings(defaultSettings(), { ...rest, ...NO_PORTS });
	return {
		settings,
		jobs: new JobStore(),
		faults: new FaultPlan(),
		log: new RequestLog(),
		clock: { now, offsetMs: 0 },
		initial: { settings: structuredClone(settings), faults },
	};
}

type Serve = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

/**
 * A server that closes the connection on an internal error, so that no client waits forever. It never
 * closes an idle connection, because that could hit the client's next request on a busy machine.
 */
function serverOf(serve: Serve): Server {
	const server = createServer((request, response) => {
		response.on('error', () => response.destroy());
		serve(request, response).catch(() => response.destroy());
	});
	server.keepAliveTimeout = 0;
	return server;
}

const urlOf = (request: IncomingMessage): URL => new URL(`http://${HOST}${request.url ?? '/'}`);

function apiServer(exchanges: Exchanges, context: ApiContext, control: Control): Server {
	return serverOf(async (request, response) => {
		const url = urlOf(request);
		const method = request.method ?? 'GET';
		const body = await readBody(request);
		if (url.pathname.startsWith(CONTROL_PREFIX)) {
			await deliver(response, controlReply(control, method, url.pathname, body));
			return;
		}
		const route = findRoute(method, url.pathname);
		const key = keyOf(request.headers.authorization);
		const respond = () =>
			route ? respondToRoute(route, context, { key, url, body }) : htmlReply(404, 'Not Found');
		const operation = route?.operationId ?? null;
		await exchanges.run({ server: 'api', operation, request, response, url, respond });
	});
}

function fileServer(exchanges: Exchanges, context: ApiContext): Server {
	return serverOf(async (request, response) => {
		const url = urlOf(request);
		const respond = () => fileReply(context, request, url);
		const operation = FILE_OPERATION;
		await exchanges.run({ server: 'files', operation, request, response, url, respond });
	});
}

/**
 * Starts the API and its file store on two ports of 127.0.0.1.
 * Rejects with an Error for an unknown or invalid option and for a port that is in use.
 */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
	const state = initialState(options);
	const control = new Control(state);
	const now = () => control.now();
	let filesUrl = '';
	const linksTo = () => state.settings.filesUrl || filesUrl;
	const files = new FileStore(linksTo, randomBytes(16).toString('hex'));
	const context: ApiContext = { jobs: state.jobs, files, now, settings: () => state.settings };
	const exchanges = new Exchanges(state, now, () => filesUrl);
	const servers = {
		api: apiServer(exchanges, context, control),
		files: fileServer(exchanges, context),
	};
	filesUrl = await listen(servers.files, options.filesPort ?? 0);
	const apiUrl = await listen(servers.api, options.port ?? 0).catch(async (error: unknown) => {
		await stop(servers.files);
		throw error;
	});
	const close = async () => {
		exchanges.close();
		await Promise.all([stop(servers.api), stop(servers.files)]);
	};
	return { apiUrl, filesUrl, control, openRequests: exchanges.openRequests, close };
}
