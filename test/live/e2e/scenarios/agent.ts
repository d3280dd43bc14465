import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import type { Findings } from '../../harness/findings.ts';
import type { Context } from '../scenario.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import { START } from '../../harness/workflows.ts';
import type { Case } from './agent/case.ts';
import { exportCases } from './agent/exports.ts';
import { failureCases } from './agent/failures.ts';
import { type Conversation, ScriptedModel, type Tool } from './agent/model.ts';
import { readCases } from './agent/reads.ts';
import { agentWorkflow, documentedTools } from './agent/workflow.ts';

const cases = [...exportCases, ...readCases, ...failureCases];
const ENDS_WITHIN_MS = 240_000;
/** Some 25,000 tokens: a model takes several of such results. */
const MOST_CHARACTERS = 100_000;

/** The node as a tool of n8n's AI Agent, whose model is ours: it makes the calls that a case lays out. */
export async function agent(context: Context): Promise<void> {
	const model = await ScriptedModel.start();
	const { client } = context.instance;
	const { id } = await client.saveCredential('Model', 'openAiApi', {
		apiKey: 'none',
		url: model.url,
	});
	let longest = 0;
	await showStep(`Agents at work, ${cases.length} of them, one after the other`, async (step) => {
		for (const [index, test] of cases.entries()) {
			step.detail(`${index + 1} of ${cases.length}`);
			const { tools, results } = await work(context, test, `agent-${index + 1}`, model, id);
			if (index === 0) checkTools(context.findings, tools);
			longest = Math.max(longest, ...results.map(({ length }) => length));
		}
	});
	context.findings.check(
		'no result floods the model',
		longest < MOST_CHARACTERS,
		`at most ${longest.toLocaleString('en-US')} characters`,
	);
	await model.close();
}

/** One agent from its start to its last word. */
async function work(
	{ instance, findings }: Context,
	test: Case,
	name: string,
	model: ScriptedModel,
	modelCredentialId: string,
): Promise<Conversation> {
	const { emulator, credentialId } = await startUserpilot(instance, name, {
		jobSeconds: 1,
		rowsPerDay: 50,
		...test.options,
	});
	const [jobId = ''] = emulator.control.seedJobs();
	const prompt = `${name}: ${test.promise}`;
	model.script(prompt, test.turns(jobId));
	const credentials = { userpilotApi: credentialId, openAiApi: modelCredentialId };
	const tools = test.tools ?? documentedTools;
	const workflow = agentWorkflow(name, prompt, tools, credentials, test.agentVersion);
	await instance.client.createWorkflow(workflow);
	await instance.client.runWorkflow(name, START);
	const last = () => instance.read((database) => database.executions(name)).at(-1);
	await until(() => hasEnded(last()), ENDS_WITHIN_MS, 500);
	const conversation = model.conversation(prompt);
	const { status = 'no execution', error = '' } = last() ?? {};
	const problem =
		status === 'success'
			? test.problem({ ...conversation, emulator, jobId })
			: `${status}: ${error}`;
	findings.check(test.promise, problem === undefined, problem);
	await emulator.close();
	return conversation;
}

/** A model knows of a tool what stands in its schema, and nothing else. */
function checkTools(findings: Findings, tools: Tool[]): void {
	findings.equal(
		'the model is given the documented tools',
		tools.map(({ name }) => name).sort(),
		documentedTools.map(({ name }) => name.replaceAll(' ', '_')).sort(),
	);
	const fields = tools.flatMap(({ name, parameters: { properties = {}, required = [] } }) =>
		Object.entries(properties).map(([field, { type, description = '' }]) => ({
			name: `${name}.${field}`,
			isTold: type !== undefined && /\. Example: \S/.test(description) && required.includes(field),
		})),
	);
	const untold = fields.filter(({ isTold }) => !isTold).map(({ name }) => name);
	findings.check(
		`each of ${fields.length} fields has a type, a description and an example`,
		fields.length > 0 && untold.length === 0,
		untold.join(', '),
	);
	findings.check(
		'each tool says what it gives in a sentence',
		tools.every(({ description }) => /^[A-Z].{40,}\.$/s.test(description)),
	);
}
