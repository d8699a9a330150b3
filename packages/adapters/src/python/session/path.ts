/** The one form in which paths of a log are compared: without a leading `./`. */
export const normalPath = (path: string): string => path.replace(/^(?:\.\/)+/, '')
