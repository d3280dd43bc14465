import type { INodeProperties } from 'n8n-workflow';

import { booleanSchema, fieldNameSchema } from '../fieldSchemas';
import type { ParameterReader } from '../parameters';

const displayOptions = { show: { '/output': ['files'] } };

/** The options that only files as binary data have. */
export const fileOptions: INodeProperties[] = [
	{
		displayName: 'Decompress',
		name: 'decompress',
		type: 'boolean',
		default: true,
		description: 'Whether to decompress the files, which Userpilot compresses with gzip',
		displayOptions,
	},
	{
		displayName: 'Put Output File in Field',
		name: 'binaryPropertyName',
		type: 'string',
		default: 'data',
		placeholder: 'e.g. data',
		hint: 'The name of the output binary field to put the file in',
		displayOptions,
	},
];

export type FileOptions = ReturnType<typeof readFileOptions>;

export const readFileOptions = (parameters: ParameterReader) => ({
	decompress: parameters.read('options.decompress', booleanSchema),
	propertyName: parameters.read('options.binaryPropertyName', fieldNameSchema),
});
