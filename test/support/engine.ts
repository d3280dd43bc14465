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
	IHttpRequestOptions,
	INode,
	INodeExecutionData,
	INodeListSearchResult,
	INodePropertyOptions,
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
import { API_KEY, BASE_URL, FixedCredentials, withoutIsolate } from './credentials';
import type { Transport } from './virtualTime';

const NODE_TYPE = 'n8n-nodes-userpilot.userpilot';
const TRIGGER_TYPE = 'n8n-nodes-userpilot.userpilotTrigger';
const MANUAL_TRIGGER_TYPE = 'n8n-nodes-base.manualTrigger';

/** Starts a run, with pinned items. */
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

/** The nodes that a test's workflow may contain. */
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
	/** Input items of the node under test; default: one empty item. */
	input?: IDataObject[];
	/** Runs with the same ID are tries of the same execution; null where n8n gives none. */
	executionId?: string | null;
	/** Called when the run has begun, with a function that stops it as a person would. */
	onStart?: (cancel: () => void) => void;
	mode?: WorkflowExecuteMode;
}

export interface NodeRun {
	items: INodeExecutionData[];
	/** The items of the error output, where the node has one. */
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

/** Runs a workflow through n8n's engine; gives the run of each node, by name. */
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

/** A workflow in n8n's database, and as n8n has loaded it. */
interface Published {
	/** The workflow's static data, as it is saved. */
	saved: string;
	/** The durable poll cursors, by the ID of the node. */
	cursors: Map<string, string>;
	nodes: INode[];
	workflow: Workflow;
}

interface PollOptions extends Options {
	budgetMs?: number;
	/** Replaces the network. */
	transport?: Transport;
}

const asSaved = (staticData: unknown) => JSON.stringify(staticData);

/** An ID for the trigger of a test: those with one ID are one trigger, which the process remembers. */
export const idOfTest = () => expect.getState().currentTestName!;

/**
 * A trigger in an active workflow, whose static data outlives its polls as it does in n8n: by default it
 * is saved after activation and when items come. With durable poll cursors (`durable`) the node's own
 * part is filed by its ID, saved after each poll, and not after the one at activation.
 */
export class ActiveTrigger {
	private readonly node: INode;

	private readonly published: Published;

	private readonly durable: boolean;

	/** What n8n makes for an active workflow, and uses for each of its polls. */
	private context: PollContext | undefined;

	/** @param beside another trigger of the same workflow */
	constructor(
		parameters: INodeParameters = {},
		staticData: IDataObject = {},
		id = 'trigger',
		{ durable = false, beside }: { durable?: boolean; beside?: ActiveTrigger } = {},
	) {
		this.node = {
			id,
			name: beside ? `Userpilot Trigger ${id}` : 'Userpilot Trigger',
			type: TRIGGER_TYPE,
			typeVersion: 1,
			position: [0, 0],
			credentials: credentialsField,
			parameters,
		};
		this.durable = durable;
		this.published = beside?.published ?? {
			saved: asSaved({ [`node:${this.node.name}`]: staticData }),
			cursors: new Map(),
			nodes: [],
			workflow: undefined as unknown as Workflow,
		};
		this.published.nodes.push(this.node);
		this.load();
	}

	/** The static data that n8n would have in its database. */
	get saved(): string {
		return this.published.saved;
	}

	/** All that n8n would have in its database; to set it is to start n8n with it. */
	get database() {
		const { saved, cursors } = this.published;
		return { saved, cursors: new Map(cursors) };
	}

	set database({ saved, cursors }) {
		Object.assign(this.published, { saved, cursors: new Map(cursors) });
		this.restart();
	}

	/** n8n refuses what a poll commits from now on: its lease is over. */
	refuseCursor({ cursors }: ActiveTrigger['database']) {
		this.published.cursors = new Map(cursors);
	}

	private load() {
		const { nodes, saved } = this.published;
		const staticData = JSON.parse(saved) as IDataObject;
		this.published.workflow = toWorkflow({ nodes, connections: {} }, staticData);
		return this.published.workflow;
	}

	/** The trigger's memory in this process. */
	get memory(): IDataObject {
		const cursor = this.published.cursors.get(this.node.id);
		return this.durable && cursor
			? (JSON.parse(cursor) as IDataObject)
			: this.published.workflow.getStaticData('node', this.node);
	}

	/** Publishes the workflow: n8n polls once, and then saves the static data. */
	async activate(options: PollOptions = {}) {
		const workflow = this.load();
		this.context = undefined;
		const items = await this.pollIn(workflow, options, 'activate');
		this.published.saved = asSaved(workflow.staticData);
		return items;
	}

	/** n8n starts again with what is in its database. */
	restart() {
		this.load();
		this.context = undefined;
	}

	/** The poll with which n8n activates a workflow at its start. n8n gives up a workflow whose poll throws. */
	async takeUp(activation: WorkflowActivateMode = 'init', options: PollOptions = {}) {
		this.restart();
		this.context = this.newContext(this.published.workflow, options, activation);
		return await this.pollIn(this.published.workflow, options, activation);
	}

	/** The workflow is edited, and loaded again; `activate()` publishes it. */
	edit({ parameters, name }: { parameters?: INodeParameters; name?: string }) {
		if (parameters) this.node.parameters = parameters;
		if (name) this.node.name = name;
		this.load();
	}

	setParameters(parameters: INodeParameters) {
		this.edit({ parameters });
	}

	private newContext(
		workflow: Workflow,
		{ budgetMs, transport, mode = 'trigger', ...options }: PollOptions,
		activation: WorkflowActivateMode,
		cursor?: IDataObject,
	) {
		const node = workflow.getNode(this.node.name)!;
		const context = new PollContext(
			workflow,
			node,
			additionalDataFor({ nodes: [node], connections: {} }, options, mode),
			mode,
			activation,
			...([undefined, undefined, undefined, undefined] as const),
			cursor && (() => cursor),
			budgetMs === undefined ? undefined : () => budgetMs,
		);
		if (transport) {
			const send = async (_: string, request: IHttpRequestOptions) => {
				if (withoutIsolate.has(workflow)) throw new Error('No bridge acquired');
				return await transport(request);
			};
			Object.assign(context.helpers, { httpRequestWithAuthentication: send });
		}
		return context;
	}

	/** One tick; drops undefined outcomes, and those of a workflow that was loaded again meanwhile. */
	async poll(options: PollOptions = {}): Promise<INodeExecutionData[] | null> {
		const isScheduled = this.durable && options.mode !== 'manual';
		return await this.pollIn(isScheduled ? this.load() : this.published.workflow, options);
	}

	private async pollIn(
		workflow: Workflow,
		options: PollOptions,
		activation?: WorkflowActivateMode,
	): Promise<INodeExecutionData[] | null> {
		const { id } = this.node;
		const { cursors } = this.published;
		const before = cursors.get(id) ?? asSaved(workflow.getStaticData('node', this.node));
		const cursor = this.durable ? (JSON.parse(before) as IDataObject) : undefined;
		const context =
			this.context ??
			this.newContext(
				workflow,
				cursor && !activation ? { budgetMs: 36_000, ...options } : options,
				activation ?? (cursor ? 'update' : 'activate'),
				cursor,
			);
		withoutIsolate.delete(workflow);
		const node = workflow.getNode(this.node.name)!;
		const output = await new TriggersAndPollers()
			.runPollFunction(workflow, node, context)
			.finally(() => withoutIsolate.add(workflow));
		const isDropped = !cursor && !activation && this.published.workflow !== workflow;
		if (isDropped || options.mode === 'manual') return isDropped ? null : output![0]!;
		// As n8n does, which writes nothing that has not changed.
		const isCommitted = cursor && (output !== null || !activation) && asSaved(cursor) !== before;
		if (isCommitted) cursors.set(id, asSaved(cursor));
		if (output === null) return null;
		if (!cursor) this.published.saved = asSaved(workflow.staticData);
		return output[0]!;
	}
}

function loadOptionsContext(options: Options): LoadOptionsContext {
	const definition = oneNodeWorkflow({});
	const workflow = toWorkflow(definition);
	return new LoadOptionsContext(
		workflow,
		workflow.getNode('Userpilot')!,
		additionalDataFor(definition, options, 'internal'),
		'parameters.jobId',
	);
}

/** Loads a list of the editor, as a person does who opens or searches it. */
export async function searchList(
	method: 'searchJobs' | 'searchSegments',
	filter?: string,
	paginationToken?: string,
	options: Options = {},
): Promise<INodeListSearchResult> {
	const { listSearch } = new Userpilot().methods;
	return await listSearch[method].call(loadOptionsContext(options), filter, paginationToken);
}

/** Loads the entries of a list, as the editor does. */
export const loadEventNames = async (options: Options = {}): Promise<INodePropertyOptions[]> =>
	await new Userpilot().methods.loadOptions.getEventNames.call(loadOptionsContext(options));
