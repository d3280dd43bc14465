import { createRequire } from 'node:module';
import path from 'node:path';

import { PLAYGROUND } from '../../../../playground/paths.ts';

/** What of the official MCP client is used here. */
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

/** The two ways in which an MCP client reaches n8n; the class of the SDK, and where that is. */
const TRANSPORTS = {
	http: { name: 'StreamableHTTPClientTransport', module: 'client/streamableHttp.js' },
	sse: { name: 'SSEClientTransport', module: 'client/sse.js' },
} as const;

/** A session of the official MCP client, which n8n brings along. */
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

	/** What the tool gave, as text: JSON, or an error's words. */
	async call(name: string, args: Record<string, unknown>): Promise<string> {
		const { content } = await this.client.callTool({ name, arguments: args });
		return content.map(({ text = '' }) => text).join('');
	}

	async close(): Promise<void> {
		await this.client.close();
	}
}
