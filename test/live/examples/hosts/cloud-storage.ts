import { createHash, randomUUID } from 'node:crypto';

import { type Respond, WebReply } from '../web.ts';

const UPLOADS = 'https://storage.googleapis.com/upload/storage/v1';

interface StoredObject {
	bucket: string;
	name: string;
	bytes: number;
	sha256: string;
	/** Requests that it came in. */
	chunks: number;
}

interface Upload extends Omit<StoredObject, 'sha256'> {
	hash: ReturnType<typeof createHash>;
}

/** What has been uploaded completely, by bucket and name. The bytes themselves are not kept. */
export const objects = new Map<string, StoredObject>();

/** Resumable uploads by their IDs. */
const uploads = new Map<string, Upload>();

/** Objects whose upload breaks off in the middle, as many as this says. */
export const brokenUploads = { left: 0 };

const asResource = ({ bucket, name, bytes }: StoredObject) => ({
	kind: 'storage#object',
	bucket,
	name,
	size: String(bytes),
});

/** Google Cloud Storage, as far as n8n's node uploads: a resumable upload in chunks, then the object's metadata. */
export const cloudStorage: Respond = ({ call, headers, bytes }) => {
	const session = /upload_id=([\w-]+)/.exec(call)?.[1];
	if (session) return receive(session, headers['content-range'] ?? '', bytes);
	const started = /^POST [^/]+\/upload\/storage\/v1\/b\/([^/]+)\/o\/\?.*?name=([^&]+)/.exec(call);
	if (started) {
		const [, bucket = '', name = ''] = started;
		const id = randomUUID();
		uploads.set(id, { bucket, name, bytes: 0, chunks: 0, hash: createHash('sha256') });
		return new WebReply(200, { location: `${UPLOADS}/b/${bucket}/o?upload_id=${id}` }, {});
	}
	const [, bucket, name] = /^GET [^/]+\/storage\/v1\/b\/([^/]+)\/o\/([^?]+)/.exec(call) ?? [];
	const found = objects.get(`${bucket}/${name}`);
	return found && asResource(found);
};

function receive(id: string, range: string, bytes: Buffer): WebReply {
	const upload = uploads.get(id)!;
	const [, from, , total] = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(range) ?? [];
	if (Number(from) !== upload.bytes) return new WebReply(503);
	if (brokenUploads.left > 0 && upload.chunks > 0) {
		brokenUploads.left--;
		return new WebReply(503, {}, { error: { code: 503, message: 'Backend Error' } });
	}
	upload.hash.update(bytes);
	upload.bytes += bytes.length;
	upload.chunks++;
	if (upload.bytes !== Number(total)) {
		return new WebReply(308, { range: `bytes=0-${upload.bytes - 1}` });
	}
	const { hash, ...others } = upload;
	const stored = { ...others, sha256: hash.digest('hex') };
	objects.set(`${stored.bucket}/${stored.name}`, stored);
	uploads.delete(id);
	return new WebReply(200, {}, asResource(stored));
}
