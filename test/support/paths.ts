// Apart from api.ts: whoever imports that one gets nock, which takes over all of HTTP at once.
export const EXPORTS = '/api/v1/analytics/exports';
export const JOBS = `${EXPORTS}/jobs/`;
export const jobPath = (id: string) => `${JOBS}${id}`;
export const lookupPath = (name: string) => `${EXPORTS}/lookups/${name}`;
