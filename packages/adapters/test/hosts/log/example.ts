import { type BimsError } from '@bims/core'
import { type Either, isLeft } from 'fp-ts/lib/Either.js'
import { newLogWriter } from '../../../src/hosts/log/index.ts'

/** The value of a result that must be there. */
export const must = <T>(result: Either<BimsError, T>): T => {
  if (isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

/** The first example of docs/spec/log.md, written by the writer. */
export const writtenExample = async (): Promise<string> => {
  const log = must(
    await newLogWriter({
      host: { name: 'MyViewer', version: '2.3' },
      session: '0f4b7c1e-52f1-4c6e-9d0e-0b7c55d6a3aa',
      libraries: { numpy: '2.4.6', 'scikit-image': '0.26.0' }
    })()
  )
  const texts = [
    log.open({ name: 'cells', file: 'cells.tif', doc: 'The cells.' }),
    log.open({ name: 'background', file: 'background.tif', doc: 'The same field without cells.' }),
    log.append({
      operation: 'skimage.filters.gaussian',
      name: 'Gaussian blur',
      doc: 'Smooths the cells.',
      reads: { image: 'cells' },
      results: ['smooth'],
      parameters: [{ name: 'sigma', value: 1.5, unit: 'pixel', doc: 'Standard deviation.', origin: 'interactive' }]
    }),
    log.set('smooth', 'display', { min: 10, max: 900 }),
    log.append({
      operation: 'skimage.filters.median',
      name: 'Median',
      doc: 'Tried, and taken back.',
      reads: { image: 'smooth' },
      results: ['smooth']
    })
  ].map(result => must<{ readonly text: string }>(result).text)
  texts.push(...must(log.undo(2)).map(({ text }) => text))
  for (const step of [
    log.append({
      operation: 'skimage.filters.sobel',
      name: 'Sobel',
      doc: 'Edges of the background; another image.',
      reads: { image: 'background' },
      results: ['edges']
    }),
    log.append({
      operation: 'skimage.filters.threshold_otsu',
      name: 'Otsu',
      doc: 'Where cells begin.',
      reads: { image: 'smooth' },
      results: ['level']
    }),
    log.append({
      operation: 'numpy.greater',
      name: 'Threshold',
      doc: 'The mask of the cells.',
      reads: { x1: 'smooth', x2: 'number:level@0' },
      results: ['mask']
    }),
    log.save('mask', 'mask.tif')
  ])
    texts.push(must(step).text)
  return log.header + texts.join('')
}
