export { dragonflyHost } from './host.ts'
