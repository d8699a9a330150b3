/** The name that the preamble defines; no variable of a log may have it. */
export const preambleName = 'bims'

/**
 * Stands at the head of every log that BIMS writes, so that it runs as it stands: calls that set what hangs on an
 * image are recorded, and change no pixel.
 */
export const preamble = `class bims:
    """What is recorded beside the pixels; nothing here changes them."""

    @staticmethod
    def display(image, **settings):
        """Sets how an image is shown."""

    @staticmethod
    def roi(image, **settings):
        """Sets the region of interest of an image."""

    @staticmethod
    def calibration(image, **settings):
        """Sets the calibration of an image."""`

/** What a call of the preamble sets. */
export const hangingKinds = ['display', 'roi', 'calibration'] as const

/** A kind of {@link hangingKinds}. */
export type HangingKind = (typeof hangingKinds)[number]
