export { tearDown as default } from './folder';
