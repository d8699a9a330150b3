export { blobSource } from './blob.ts'
export { bufferSource } from './buffer.ts'
