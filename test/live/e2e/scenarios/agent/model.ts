import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { JsonObject } from '../../../../../playground/executions.ts';

/** A tool as it is described to the model. */
export interface Tool {
	name: string;
	description: string;
	parameters: {
		properties?: Record<string, { type?: string; description?: string }>;
		required?: string[];
	};
}

/** A tool call by the model. */
export interface ToolCall {
	tool: string;
	arguments: JsonObject;
}

/** The tool calls of the model's next message, from the results of the earlier ones; none for its final answer. */
export type Turn = (results: string[]) => ToolCall[];

interface Message {
	role: 'system' | 'user' | 'assistant' | 'tool';
	content: string | null;
}

interface ChatRequest {
	messages: Message[];
	tools?: Array<{ function: Tool }>;
}

/** What the model has received from an agent. */
export interface Conversation {
	tools: Tool[];
	/** The results of the tools, in the order of their calls. */
	results: string[];
}

export const FINAL_ANSWER = 'That is all.';

/** Speaks OpenAI's chat API on this machine. The prompt tells which script it follows. */
export class ScriptedModel {
	private readonly server: Server;
	private readonly scripts = new Map<string, Turn[]>();
	private readonly conversations = new Map<string, Conversation>();

	private constructor() {
		this.server = createServer(async (request, response) => {
			const message = this.respond((await readJson(request)) as unknown as ChatRequest);
			response.writeHead(200, { 'content-type': 'application/json' });
			response.end(JSON.stringify(message));
		});
	}

	static async start(): Promise<ScriptedModel> {
		const model = new ScriptedModel();
		await new Promise<void>((resolve) => model.server.listen(0, '127.0.0.1', resolve));
		return model;
	}

	/** For the credential's Base URL. */
	get url(): string {
		return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/v1`;
	}

	/** Scripts the model for an agent with this prompt. */
	script(prompt: string, turns: Turn[]): void {
		this.scripts.set(prompt, turns);
	}

	conversation(prompt: string): Conversation {
		return this.conversations.get(prompt) ?? { tools: [], results: [] };
	}

	async close(): Promise<void> {
		await new Promise((resolve) => {
			this.server.close(resolve);
			this.server.closeAllConnections();
		});
	}

	private respond({ messages, tools = [] }: ChatRequest): JsonObject {
		const prompt = String(messages.find(({ role }) => role === 'user')?.content);
		const results = messages.flatMap(({ role, content }) =>
			role === 'tool' ? String(content) : [],
		);
		this.conversations.set(prompt, {
			tools: tools.map((tool) => tool.function),
			results,
		});
		const said = messages.filter(({ role }) => role === 'assistant').length;
		const calls = this.scripts.get(prompt)?.[said]?.(results) ?? [];
		return completion(calls, results.length);
	}
}

async function readJson(request: IncomingMessage): Promise<JsonObject> {
	const chunks: Buffer[] = [];
	for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
	return JSON.parse(Buffer.concat(chunks).toString()) as JsonObject;
}

function completion(calls: ToolCall[], callsBefore: number): JsonObject {
	const isLast = calls.length === 0;
	return {
		id: 'chatcmpl-1',
		object: 'chat.completion',
		created: 0,
		model: 'scripted',
		choices: [
			{
				index: 0,
				finish_reason: isLast ? 'stop' : 'tool_calls',
				message: {
					role: 'assistant',
					content: isLast ? FINAL_ANSWER : null,
					...(!isLast && {
						tool_calls: calls.map((call, index) => ({
							id: `call_${callsBefore + index}`,
							type: 'function',
							function: { name: call.tool, arguments: JSON.stringify(call.arguments) },
						})),
					}),
				},
			},
		],
		usage: { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 },
	};
}
