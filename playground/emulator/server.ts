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
import { answerRoute, FILE_OPERATION, findRoute, keyOf, type ApiContext } from './routes.ts';
import { defaultSettings, mergeSettings, type SettingsPatch } from './settings.ts';

export interface EmulatorOptions extends SettingsPatch {
	/** Ports on 127.0.0.1; 0, the default, takes any free one. */
	port?: number;
	filesPort?: number;
	/** The clock, ms since 1970. */
	now?: () => number;
	faults?: Fault[];
}

export interface Emulator {
	/** Base URL of the API, without a slash at the end. */
	apiUrl: string;
	/** Origin of the file store. */
	filesUrl: string;
	control: Control;
	/** The requests that have not come to their end: they are being answered, or kept waiting by a fault. */
	underWay: ReadonlySet<Readonly<RequestEntry>>;
	/** Cuts open connections and frees both ports. */
	close: () => Promise<void>;
}

const HOST = '127.0.0.1';
/** Ports are options of the start only: laid over the options, they leave the settings. */
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
 * A server that cuts the connection when something inside goes wrong: no client is left waiting.
 * It never ends a connection that rests: on a busy machine that would meet the client's next request.
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
		const answer = () =>
			route ? answerRoute(route, context, { key, url, body }) : htmlReply(404, 'Not Found');
		const operation = route?.operationId ?? null;
		await exchanges.run({ server: 'api', operation, request, response, url, answer });
	});
}

function fileServer(exchanges: Exchanges, context: ApiContext): Server {
	return serverOf(async (request, response) => {
		const url = urlOf(request);
		const answer = () => fileReply(context, request, url);
		const operation = FILE_OPERATION;
		await exchanges.run({ server: 'files', operation, request, response, url, answer });
	});
}

/**
 * Starts the API and its file store on two ports of 127.0.0.1.
 * Rejects with an Error on an unknown or wrong option, and when a port is taken.
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
	return { apiUrl, filesUrl, control, underWay: exchanges.underWay, close };
}
