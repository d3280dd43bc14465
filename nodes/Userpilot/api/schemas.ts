import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod/v3';

/**
 * The responses of the Analytics Export API. Only fields that our code reads are checked; all others pass
 * through to the user untouched. A field that the API may leave out or send as null is nullish.
 */
const text = z.string().min(1);

/** Any JSON value. */
const anything = z.custom<IDataObject[string]>(() => true);

const openObject = <Shape extends z.ZodRawShape>(shape: Shape) =>
	z.object(shape).catchall(anything);

/** The response to a request that started an export. */
export const createdExportSchema = openObject({ job_id: text, start_time: anything.optional() });
export type CreatedExport = z.infer<typeof createdExportSchema>;

/** Text that nothing depends on: any other value counts as missing. */
const optionalText = z.string().nullish().catch(null);

/** One entry of the job list. Times are UTC, with or without a trailing `Z`. */
export const jobSummarySchema = openObject({
	job_id: text,
	status: z.string().nullish(),
	progress: optionalText,
	start_time: optionalText,
	end_time: optionalText,
});
export type JobSummary = z.infer<typeof jobSummarySchema>;
/** Its entries are checked one by one. */
export const jobListSchema = z.array(z.unknown());

/** One job with its files. The links (presigned URLs) work for 2 days. */
export const jobSchema = jobSummarySchema.extend({
	presigned_urls: z
		.array(
			// Kept as a file without a link: without it, the files would look complete.
			openObject({ filename: optionalText, url: optionalText }).catch({
				filename: null,
				url: null,
			}),
		)
		.nullish(),
});
export type Job = z.infer<typeof jobSchema>;

const isRecord = (value: unknown): value is IDataObject =>
	typeof value === 'object' && value !== null && !Array.isArray(value);

/** No field of a record is read here, and to check those of 100,000 records takes seconds. */
export const recordSchema = z.custom<IDataObject>(isRecord);
export type LookupRecord = z.infer<typeof recordSchema>;

/** Rejects a list whose entries are all invalid. */
const recordsSchema = z
	.array(z.unknown())
	.refine((entries) => entries.length === 0 || entries.some(isRecord));

/** A plain array, or a page with a cursor to the next one. Its records are checked one by one. */
export const lookupPageSchema = z.union([
	recordsSchema.transform((records) => ({ records, after: null as string | null })),
	z
		.object({
			data: recordsSchema,
			metadata: z
				.object({ cursor: z.object({ after: z.string().nullish() }).passthrough().nullish() })
				.passthrough()
				.nullish(),
		})
		.passthrough()
		.transform(({ data, metadata }) => ({
			records: data,
			after: metadata?.cursor?.after || null,
		})),
]);

/** What the list in the editor shows of a segment. IDs are text or numbers. */
export const segmentSchema = openObject({
	id: z.union([z.string(), z.number()]),
	title: z.string().nullish(),
	status: z.string().nullish(),
	is_hidden: z.boolean().nullish(),
});
export type Segment = z.infer<typeof segmentSchema>;
