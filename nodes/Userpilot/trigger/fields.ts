import type { INodeProperties, INodePropertyOptions } from 'n8n-workflow';

import type { StartFrom, TriggerEvent } from './memory';

type Options<Value extends string> = ReadonlyArray<INodePropertyOptions & { value: Value }>;

export const eventOptions = [
	{
		name: 'Export Completed',
		value: 'completed',
		description: 'When the files of an export are ready',
	},
	{
		name: 'Export Failed',
		value: 'failed',
		description: 'When an export could not be made',
	},
	{
		name: 'Export Finished',
		value: 'finished',
		description: 'When an export is completed or has failed',
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
		description: 'One item per job, with its list of files',
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
		displayName:
			'Userpilot lists only exports that were started with the same API key, for 3 days. The links to their files work for 2 days.',
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
		description: 'What the workflow gets',
	},
	{
		displayName: 'Start From',
		name: 'startFrom',
		type: 'options',
		options: [...startFromOptions],
		default: 'now',
		description: 'What the first poll does with jobs that have finished already',
	},
];
