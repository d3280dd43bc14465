import {
	ExecutionLifecycleHooks,
	LoadOptionsContext,
	PollContext,
	TriggersAndPollers,
	WorkflowExecute,
} from 'n8n-core';
import type {
	ICredentialDataDecryptedObject,
	IDataObject,
	INode,
	INodeExecutionData,
	INodeListSearchResult,
	INodeParameters,
	INodeType,
	INodeTypes,
	IPinData,
	ITaskData,
	IWorkflowBase,
	IWorkflowExecuteAdditionalData,
	NodeExecutionHint,
	WorkflowActivateMode,
	WorkflowExecuteMode,
} from 'n8n-workflow';
import { createRunExecutionData, Workflow } from 'n8n-workflow';

import { Userpilot } from '../../nodes/Userpilot/Userpilot.node';
import { UserpilotTrigger } from '../../nodes/Userpilot/UserpilotTrigger.node';
import { API_KEY, BASE_URL, FixedCredentials } from './credentials';

const NODE_TYPE = 'n8n-nodes-userpilot.userpilot';
const TRIGGER_TYPE = 'n8n-nodes-userpilot.userpilotTrigger';
const MANUAL_TRIGGER_TYPE = 'n8n-nodes-base.manualTrigger';

/** Starts a run; its items are pinned. */
const manualTrigger: INodeType = {
	description: {
		displayName: 'Manual Trigger',
		name: 'manualTrigger',
		group: ['trigger'],
		version: 1,
		description: '',
		defaults: {},
		inputs: [],
		outputs: ['main'],
		properties: [],
	},
	async trigger() {
		return {};
	},
};

/** The nodes that a workflow of a test may hold. */
export const types: Record<string, INodeType> = {
	[MANUAL_TRIGGER_TYPE]: manualTrigger,
	[NODE_TYPE]: new Userpilot(),
	[TRIGGER_TYPE]: new UserpilotTrigger(),
};

const nodeTypes: INodeTypes = {
	getByName: (name) => types[name]!,
	getByNameAndVersion: (name) => types[name]!,
	getKnownTypes: () => ({}),
};

let executions = 0;

export interface Options {
	credentials?: ICredentialDataDecryptedObject;
	/** Items that go into the node under test; one empty item unless told. */
	input?: IDataObject[];
	/** Runs with the same ID are tries of the same execution; null where n8n gives none. */
	executionId?: string | null;
	/** Called once the run has begun, with a function that stops it as a person would. */
	onStart?: (cancel: () => void) => void;
	mode?: WorkflowExecuteMode;
}

export interface NodeRun {
	items: INodeExecutionData[];
	/** What the error output gave, where the node has one. */
	errorItems: INodeExecutionData[];
	error?: Error & { description?: string; httpCode?: string; context?: IDataObject };
	hints: NodeExecutionHint[];
	tries: ITaskData[];
	status: string;
}

export type PartialWorkflow = Pick<IWorkflowBase, 'nodes' | 'connections'>;

function additionalDataFor(
	workflow: PartialWorkflow,
	{ credentials, executionId = `execution-${++executions}` }: Options,
	mode: WorkflowExecuteMode,
) {
	return {
		credentialsHelper: new FixedCredentials({ apiKey: API_KEY, baseUrl: BASE_URL, ...credentials }),
		executionId: executionId ?? undefined,
		hooks: new ExecutionLifecycleHooks(mode, executionId ?? '', workflow as IWorkflowBase),
		currentNodeExecutionIndex: 0,
		variables: {},
		webhookWaitingBaseUrl: 'http://127.0.0.1/webhook-waiting',
		formWaitingBaseUrl: 'http://127.0.0.1/form-waiting',
		setExecutionStatus: () => {},
	} as unknown as IWorkflowExecuteAdditionalData;
}

function toWorkflow({ nodes, connections }: PartialWorkflow, staticData?: IDataObject) {
	return new Workflow({
		id: 'workflow-1',
		name: 'Test',
		// The nodes are copied: n8n fills in the defaults of their parameters.
		nodes: structuredClone(nodes),
		connections,
		active: false,
		nodeTypes,
		settings: { executionOrder: 'v1' },
		staticData,
	});
}

/** Runs a workflow through n8n's engine and gives what each of its nodes did, by name. */
export async function runWorkflow(
	definition: PartialWorkflow,
	options: Options = {},
): Promise<Record<string, NodeRun>> {
	const mode = options.mode ?? 'trigger';
	const workflow = toWorkflow(definition);
	const start = definition.nodes.find(({ type }) => type === MANUAL_TRIGGER_TYPE)!;
	const pinData: IPinData = {
		[start.name]: (options.input ?? [{}]).map((json, item) => ({ json, pairedItem: { item } })),
	};
	const engine = new WorkflowExecute(
		additionalDataFor(definition, options, mode),
		mode,
		createRunExecutionData({ resultData: { runData: {}, pinData } }),
	);
	const execution = engine.run({ workflow, startNode: start, pinData });
	options.onStart?.(() => execution.cancel());
	const run = await execution;
	return Object.fromEntries(
		Object.entries(run.data.resultData.runData).map(([name, tries]) => {
			const last = tries.at(-1)!;
			return [
				name,
				{
					items: last.data?.main?.[0] ?? [],
					errorItems: last.data?.main?.[1] ?? [],
					error: last.error as NodeRun['error'],
					hints: last.hints ?? [],
					tries,
					status: run.status,
				} as NodeRun,
			];
		}),
	);
}

const credentialsField = { userpilotApi: { id: '1', name: 'Userpilot' } };

/** A workflow of a start node and one Userpilot node. */
export function oneNodeWorkflow(parameters: INodeParameters, extra: Partial<INode> = {}) {
	return {
		nodes: [
			{
				id: 'start',
				name: 'Start',
				type: MANUAL_TRIGGER_TYPE,
				typeVersion: 1,
				position: [0, 0],
				parameters: {},
			},
			{
				id: 'userpilot',
				name: 'Userpilot',
				type: NODE_TYPE,
				typeVersion: 1,
				position: [200, 0],
				credentials: credentialsField,
				parameters,
				...extra,
			},
		] as INode[],
		connections: { Start: { main: [[{ node: 'Userpilot', type: 'main', index: 0 }]] } },
	} as PartialWorkflow;
}

/** Runs one Userpilot node through n8n's engine. */
export async function runNode(
	parameters: INodeParameters,
	{ node, ...options }: Options & { node?: Partial<INode> } = {},
): Promise<NodeRun> {
	return (await runWorkflow(oneNodeWorkflow(parameters, node), options)).Userpilot!;
}

/** A trigger in an active workflow, whose static data outlives its polls as it does in n8n. */
export class ActiveTrigger {
	/** What n8n would have in its database. */
	saved: string;

	private readonly node: INode;

	private workflow: Workflow;

	/** What n8n makes for an active workflow, and uses for each of its polls. */
	private context: PollContext | undefined;

	constructor(parameters: INodeParameters = {}, staticData: IDataObject = {}, id = 'trigger') {
		this.node = {
			id,
			name: 'Userpilot Trigger',
			type: TRIGGER_TYPE,
			typeVersion: 1,
			position: [0, 0],
			credentials: credentialsField,
			parameters,
		};
		this.saved = JSON.stringify({ 'node:Userpilot Trigger': staticData });
		this.workflow = this.load();
	}

	private load() {
		return toWorkflow({ nodes: [this.node], connections: {} }, JSON.parse(this.saved));
	}

	/** The trigger's memory as it is in this process. */
	get memory(): IDataObject {
		return this.workflow.getStaticData('node', this.node);
	}

	/** Activates the workflow: n8n polls once, and then saves the static data. */
	async activate() {
		const items = await this.poll();
		this.saved = JSON.stringify(this.workflow.staticData);
		return items;
	}

	/** n8n starts again with what is in its database. */
	restart() {
		this.workflow = this.load();
		this.context = undefined;
	}

	/** The poll by which n8n takes up an active workflow when it starts. A throw makes it give up the workflow. */
	async takeUp(activation: WorkflowActivateMode = 'init', options: Options = {}) {
		this.restart();
		this.context = this.newContext(options, 'trigger', activation);
		return await this.poll();
	}

	setParameters(parameters: INodeParameters) {
		this.node.parameters = parameters;
		this.workflow = this.load();
	}

	private newContext(
		options: Options & { budgetMs?: number },
		mode: WorkflowExecuteMode,
		activation: WorkflowActivateMode,
	) {
		const { workflow } = this;
		const node = workflow.getNode(this.node.name)!;
		return new PollContext(
			workflow,
			node,
			additionalDataFor({ nodes: [node], connections: {} }, options, mode),
			mode,
			activation,
			...([undefined, undefined, undefined, undefined, undefined] as const),
			...(options.budgetMs === undefined ? [] : [() => options.budgetMs!]),
		);
	}

	/** One tick. n8n saves the static data only when items came of it. */
	async poll(options: Options & { budgetMs?: number } = {}): Promise<INodeExecutionData[] | null> {
		const { workflow } = this;
		const node = workflow.getNode(this.node.name)!;
		const context = this.context ?? this.newContext(options, options.mode ?? 'trigger', 'activate');
		const output = await new TriggersAndPollers().runPollFunction(workflow, node, context);
		if (output === null) return null;
		this.saved = JSON.stringify(workflow.staticData);
		return output[0]!;
	}
}

/** Asks a list of the editor, as a person does who opens or searches it. */
export async function searchList(
	method: 'searchJobs' | 'searchSegments',
	filter?: string,
	paginationToken?: string,
	options: Options = {},
): Promise<INodeListSearchResult> {
	const definition = oneNodeWorkflow({});
	const workflow = toWorkflow(definition);
	const context = new LoadOptionsContext(
		workflow,
		workflow.getNode('Userpilot')!,
		additionalDataFor(definition, options, 'internal'),
		'parameters.jobId',
	);
	return await new Userpilot().methods.listSearch[method].call(context, filter, paginationToken);
}
