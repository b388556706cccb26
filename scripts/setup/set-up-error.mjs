/** What went wrong, for the person at the terminal, and what to do about it. */
export class SetUpError extends Error {
  /**
   * @param {string} message
   * @param {string} remedy
   */
  constructor(message, remedy) {
    super(message)
    this.remedy = remedy
  }
}
