// An S3-compatible server for the examples: node s3-server.mjs <port> <folder> <bucket>
import { existsSync, readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import S3rver from 's3rver';

const [port, directory, bucket] = process.argv.slice(2);

/** The one call of n8n's AWS S3 node that s3rver does not know: the parts that have been uploaded. */
async function listParts(context, next) {
	const { uploadId } = context.query;
	if (context.method !== 'GET' || uploadId === undefined) return await next();
	const folder = path.join(directory, bucket, '._S3rver_uploads', path.basename(uploadId));
	const numbers = (await readdir(folder)).filter((name) => /^\d+$/.test(name)).map(Number);
	const parts = numbers
		.sort((a, b) => a - b)
		.map(async (number) => {
			const md5 = await readFile(path.join(folder, `${number}.md5`), 'utf8');
			return `<Part><PartNumber>${number}</PartNumber><ETag>"${md5}"</ETag></Part>`;
		});
	context.type = 'application/xml';
	context.body = `<?xml version="1.0" encoding="UTF-8"?><ListPartsResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">${(await Promise.all(parts)).join('')}</ListPartsResult>`;
}

/** While the file `refused` beside the bucket holds a text, objects with it in their names are refused. */
async function refuse(context, next) {
	const file = path.join(directory, 'refused');
	const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
	if (text === '' || !context.path.includes(text)) return await next();
	context.status = 503;
	context.body = 'refused';
}

const server = new S3rver({
	address: '127.0.0.1',
	port: Number(port),
	directory,
	silent: false,
	configureBuckets: [{ name: bucket }],
});
server.middleware.unshift(refuse, listParts);
await server.run();
console.log('ready');
