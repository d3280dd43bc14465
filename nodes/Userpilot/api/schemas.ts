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

/** One entry of the job list. Times are UTC, with or without a trailing `Z`. */
const jobSummarySchema = openObject({
	job_id: text,
	status: z.string().nullish(),
	progress: z.string().nullish(),
	start_time: z.string().nullish(),
	end_time: z.string().nullish(),
});
export type JobSummary = z.infer<typeof jobSummarySchema>;
export const jobListSchema = z.array(jobSummarySchema);

/** One job with its files. The links (presigned URLs) work for 2 days. */
export const jobSchema = jobSummarySchema.extend({
	presigned_urls: z
		.array(openObject({ filename: z.string().nullish(), url: z.string().nullish() }))
		.nullish(),
});
export type Job = z.infer<typeof jobSchema>;

/** Nothing of a record is read here, so its fields are not looked at: of 100,000 that takes seconds. */
const recordSchema = z.custom<IDataObject>(
	(value) => typeof value === 'object' && value !== null && !Array.isArray(value),
);
export type LookupRecord = z.infer<typeof recordSchema>;

/** A lookup is one plain array, or a page whose cursor leads to the next one. */
export const lookupPageSchema = z.union([
	z.array(recordSchema).transform((records) => ({ records, after: null as string | null })),
	z
		.object({
			data: z.array(recordSchema),
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
