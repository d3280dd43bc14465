import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import { JOB_NOTICE } from '../actions/fields';
import type { StartFrom, TriggerEvent } from './memory';

type Options<Value extends string> = ReadonlyArray<INodePropertyOptions & { value: Value }>;

export const eventOptions = [
	{
		name: 'Export Completed',
		value: 'completed',
		description: 'The files of an export are ready',
	},
	{
		name: 'Export Failed',
		value: 'failed',
		description: 'Userpilot could not make an export',
	},
	{
		name: 'Export Finished',
		value: 'finished',
		description: 'An export has completed or failed',
	},
] as const satisfies Options<TriggerEvent>;

export const outputOptions = [
	{
		name: 'File Links',
		value: 'links',
		description: 'One item per file, with its name and link',
	},
	{
		name: 'Job',
		value: 'job',
		description: 'One item per job, with its status and file links',
	},
] as const;

export const startFromOptions = [
	{
		name: 'Existing Jobs',
		value: 'existing',
		description: 'Also jobs that finished in the last 3 days',
	},
	{
		name: 'Now',
		value: 'now',
		description: 'Only jobs that finish after the workflow was first published',
	},
] as const satisfies Options<StartFrom>;

export const triggerFields: INodeProperties[] = [
	{
		displayName: JOB_NOTICE,
		name: 'scopeNotice',
		type: 'notice',
		default: '',
	},
	{
		displayName: 'Trigger On',
		name: 'event',
		type: 'options',
		options: [...eventOptions],
		default: 'completed',
		description: 'Which jobs trigger the workflow. Each job triggers it once.',
	},
	{
		displayName: 'Output',
		name: 'output',
		type: 'options',
		options: [...outputOptions],
		default: 'job',
		description: 'What the trigger returns',
	},
	{
		displayName: 'Start From',
		name: 'startFrom',
		type: 'options',
		options: [...startFromOptions],
		default: 'now',
		description: 'Whether the first poll returns jobs that have already finished',
	},
];
