import { createRequire } from 'node:module';
import path from 'node:path';

import { PLAYGROUND } from '../../../../../playground/paths.ts';

/** The part of the official MCP client that is used here. */
interface SdkClient {
	connect(transport: object): Promise<void>;
	listTools(): Promise<{ tools: Array<{ name: string }> }>;
	callTool(call: { name: string; arguments: Record<string, unknown> }): Promise<ToolResult>;
	close(): Promise<void>;
}

interface ToolResult {
	content: Array<{ text?: string }>;
	isError?: boolean;
}

/** How an MCP client connects to n8n: the SDK's class, and its module. */
const TRANSPORTS = {
	http: { name: 'StreamableHTTPClientTransport', module: 'client/streamableHttp.js' },
	sse: { name: 'SSEClientTransport', module: 'client/sse.js' },
} as const;

/** A session of the official MCP client, which is among n8n's own dependencies. */
export class McpSession {
	private readonly client: SdkClient;

	private constructor(client: SdkClient) {
		this.client = client;
	}

	static async open(url: string, kind: keyof typeof TRANSPORTS): Promise<McpSession> {
		// Not before now: n8n may have been installed by this very run.
		const require = createRequire(path.join(PLAYGROUND, 'package.json'));
		const load = (module: string) =>
			require(`@modelcontextprotocol/sdk/${module}`) as Record<
				string,
				new (...args: unknown[]) => object
			>;
		const { Client } = load('client/index.js');
		const Transport = load(TRANSPORTS[kind].module)[TRANSPORTS[kind].name]!;
		const client = new Client!({ name: 'e2e', version: '1.0.0' }) as SdkClient;
		await client.connect(new Transport(new URL(url)));
		return new McpSession(client);
	}

	async toolNames(): Promise<string[]> {
		const { tools } = await this.client.listTools();
		return tools.map(({ name }) => name);
	}

	/** What the tool returned: JSON, or an error message. */
	async call(name: string, args: Record<string, unknown>): Promise<string> {
		const { content } = await this.client.callTool({ name, arguments: args });
		return content.map(({ text = '' }) => text).join('');
	}

	async close(): Promise<void> {
		await this.client.close();
	}
}
