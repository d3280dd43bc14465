import { showStep } from '../../../../playground/progress.ts';
import { hasEnded } from '../../harness/database.ts';
import type { Findings } from '../../harness/findings.ts';
import { until } from '../../harness/until.ts';
import { startUserpilot } from '../../harness/userpilot.ts';
import type { Context } from '../scenario.ts';
import type { Case } from './agent/case.ts';
import { exportCases } from './agent/exports.ts';
import { failureCases } from './agent/failures.ts';
import { type Conversation, ScriptedModel, type Tool } from './agent/model.ts';
import { readCases } from './agent/reads.ts';
import { agentWorkflow, documentedTools } from './agent/workflow.ts';

const cases = [...exportCases, ...readCases, ...failureCases];
const ENDS_WITHIN_MS = 240_000;
/** Some 25,000 tokens: a model's context holds several such results. */
const MAX_CHARACTERS = 100_000;

/** The node as a tool of n8n's AI Agent, whose model is a script: it makes the tool calls of each case. */
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
		longest < MAX_CHARACTERS,
		`at most ${longest.toLocaleString('en-US')} characters`,
	);
	await model.close();
}

/** One agent from its start to its final message. */
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
	await instance.run(workflow);
	await until(() => hasEnded(instance.lastExecution(name)), ENDS_WITHIN_MS, 250);
	const conversation = model.conversation(prompt);
	const { status = 'no execution', error = '' } = instance.lastExecution(name) ?? {};
	const problem =
		status === 'success'
			? test.problem({ ...conversation, emulator, jobId })
			: `${status}: ${error}`;
	findings.check(test.promise, problem === undefined, problem);
	await emulator.close();
	return conversation;
}

/** A model knows nothing of a tool but its schema. */
function checkTools(findings: Findings, tools: Tool[]): void {
	findings.equal(
		'the model is given the documented tools',
		tools.map(({ name }) => name).sort(),
		documentedTools.map(({ name }) => name.replaceAll(' ', '_')).sort(),
	);
	const fields = tools.flatMap(({ name, parameters: { properties = {}, required = [] } }) =>
		Object.entries(properties).map(([field, { type, description = '' }]) => ({
			name: `${name}.${field}`,
			isDescribed:
				type !== undefined && /\. Example: \S/.test(description) && required.includes(field),
		})),
	);
	const undescribed = fields.filter(({ isDescribed }) => !isDescribed).map(({ name }) => name);
	findings.check(
		`each of ${fields.length} fields has a type, a description and an example`,
		fields.length > 0 && undescribed.length === 0,
		undescribed.join(', '),
	);
	findings.check(
		'each tool is described in a sentence',
		tools.every(({ description }) => /^[A-Z].{40,}\.$/s.test(description)),
	);
}
