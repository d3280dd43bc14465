import type { JobEntry } from '../../../../playground/emulator/control.ts';
import type { JsonObject } from '../../../../playground/executions.ts';
import { showStep } from '../../../../playground/progress.ts';
import { requestsFor, startUserpilot } from '../../harness/userpilot.ts';
import { getEvents, type Node, toolNode, workflow } from '../../harness/workflows.ts';
import type { Context } from '../scenario.ts';
import { McpSession } from './mcp/client.ts';

const NAME = 'mcp';
const [ALICE, BOB, CAROL] = ['user_1', 'user_2', 'user_3'];

/** A tool that exports the events of one user, or of one company. */
const TOOLS = {
	user: { name: 'Events_of_a_User', filter: 'userIds', column: 'user_id' },
	company: { name: 'Events_of_a_Company', filter: 'companyIds', column: 'company_id' },
} as const;

/** A tool call: it must start an export for this user or company, and return its rows. */
interface Call {
	of: keyof typeof TOOLS;
	id: string;
}

const user = (id: string): Call => ({ of: 'user', id });
const company = (id: string): Call => ({ of: 'company', id });

/**
 * The node as a tool of n8n's MCP Server Trigger. n8n provides no execution id there, and node, run index
 * and item are the same for each call.
 */
export async function mcp({ instance, findings }: Context): Promise<void> {
	const { emulator, credentialId } = await startUserpilot(instance, NAME, {
		jobSeconds: 1,
		rowsPerDay: 5_000,
	});
	await instance.publish(mcpWorkflow(credentialId));
	const url = `${instance.url}/mcp/${NAME}`;
	const results: Array<{ call: Call; text: string }> = [];
	const make = async (session: McpSession, call: Call) => {
		const { name, column } = TOOLS[call.of];
		results.push({ call, text: await session.call(name, { [column]: call.id }) });
	};
	const posts = () => requestsFor(emulator, 'createExport').length;

	const first = await McpSession.open(url, 'http');
	const second = await McpSession.open(url, 'sse');
	findings.equal(
		'an MCP client lists both tools',
		(await first.toolNames()).sort(),
		Object.values(TOOLS)
			.map(({ name }) => name)
			.sort(),
	);

	const inTurn = [user(ALICE), user(BOB), company('comp_4'), user(ALICE)];
	await showStep('Tool calls in turn, the last in another session', async () => {
		for (const call of inTurn) await make(first, call);
		await make(second, user(CAROL));
	});
	const exportsInTurn = emulator.control.ledger().jobs;
	findings.equal(
		'tool calls in turn, over HTTP and SSE: one export per call, with its own filter',
		exportsInTurn.map(requestedFor),
		[...inTurn, user(CAROL)],
	);
	findings.equal('and one POST per call', posts(), inTurn.length + 1);

	const sideBySide = [user(ALICE), user(BOB), company('comp_4'), user(CAROL)];
	await showStep('Tool calls side by side, in both sessions', async () => {
		await Promise.all(
			sideBySide.map(async (call, index) => await make(index % 2 === 0 ? first : second, call)),
		);
	});
	const sorted = (calls: Array<Call | undefined>) =>
		calls.map((call) => JSON.stringify(call)).sort();
	findings.equal(
		'tool calls side by side: one export per call, with its own filter',
		sorted(emulator.control.ledger().jobs.slice(exportsInTurn.length).map(requestedFor)),
		sorted(sideBySide),
	);
	findings.note(
		`${posts()} POST for ${results.length} calls: side by side, one export waits for another`,
	);
	findings.equal(
		'each call returns the rows of its own export',
		results.flatMap(({ call, text }) => problemOf(call, text) ?? []),
		[],
	);
	await first.close();
	await second.close();
	await instance.client.unpublishWorkflow(NAME);
	await emulator.close();
}

function mcpWorkflow(credentialId: string) {
	const trigger: Node = {
		name: 'MCP Server Trigger',
		type: '@n8n/n8n-nodes-langchain.mcpTrigger',
		typeVersion: 2,
		webhookId: NAME,
		parameters: { path: NAME },
	};
	const tools = Object.values(TOOLS).map(({ name, filter, column }) => {
		const filters = { [filter]: `={{ $fromAI('${column}', 'Whose events. Example: x_1') }}` };
		return toolNode(name, getEvents({ limit: 20, filters }), credentialId);
	});
	return workflow(
		NAME,
		[trigger, ...tools],
		tools.map(({ name }) => [name, 'ai_tool', trigger.name]),
	);
}

function requestedFor({ request: { user_id: users, company_id: companies } }: JobEntry) {
	if (users?.length === 1) return user(users[0]!);
	if (companies?.length === 1) return company(companies[0]!);
	return undefined;
}

function problemOf({ of, id }: Call, text: string): string | undefined {
	const column = TOOLS[of].column;
	let rows: JsonObject[];
	try {
		rows = JSON.parse(text) as JsonObject[];
	} catch {
		return `${id}: ${text}`;
	}
	const owners = [...new Set(rows.map((row) => row[column]))];
	return owners.length === 1 && owners[0] === id
		? undefined
		: `${id}: rows of ${owners.join(', ')}`;
}
