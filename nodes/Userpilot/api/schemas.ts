import type { IDataObject } from 'n8n-workflow';
import { z } from 'zod/v3';

/**
 * What the Analytics Export API answers. Only what our code reads is checked; every other field
 * passes through to the user untouched. A field that the API may leave out or send as null is nullish.
 */
const text = z.string().min(1);

/** Any JSON value. */
const anything = z.custom<IDataObject[string]>(() => true);

const openObject = <Shape extends z.ZodRawShape>(shape: Shape) =>
	z.object(shape).catchall(anything);

/** The answer to a started export. */
export const createdExportSchema = openObject({ job_id: text, start_time: anything.optional() });
export type CreatedExport = z.infer<typeof createdExportSchema>;

/** Text that nothing depends on: what is no text is read as missing. */
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
/** The entries are checked one by one, with `validOnes`. */
export const jobListSchema = z.array(z.unknown());

/** The entries that match the schema, and how many do not: one odd entry must not cost the others. */
export function validOnes<Schema extends z.ZodTypeAny>(
	entries: unknown[],
	schema: Schema,
): { valid: Array<z.output<Schema>>; skipped: number } {
	const valid = entries.flatMap((entry) => {
		const result = schema.safeParse(entry);
		return result.success ? [result.data as z.output<Schema>] : [];
	});
	return { valid, skipped: entries.length - valid.length };
}

/** One job with its files. The links (presigned URLs) work for 2 days. */
export const jobSchema = jobSummarySchema.extend({
	presigned_urls: z
		.array(
			// An odd entry stays one, without a link: left out, the files would look complete.
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

/** Nothing of a record is read here, so its fields are not looked at: of 100,000 that takes seconds. */
export const recordSchema = z.custom<IDataObject>(isRecord);
export type LookupRecord = z.infer<typeof recordSchema>;

/** What holds no record at all is no list of records. */
const recordsSchema = z
	.array(z.unknown())
	.refine((entries) => entries.length === 0 || entries.some(isRecord));

/** A lookup is one plain array, or a page whose cursor leads to the next one; `validOnes` checks its records. */
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

/** What the segment list shows of a segment; ids are text or numbers. */
export const segmentSchema = openObject({
	id: z.union([z.string(), z.number()]),
	title: z.string().nullish(),
	status: z.string().nullish(),
	is_hidden: z.boolean().nullish(),
});
export type Segment = z.infer<typeof segmentSchema>;
