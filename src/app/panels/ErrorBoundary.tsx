// The last resort: a defect of this program is said, with the recording that led to it, instead of a blank page.

import { Component, type ReactNode } from 'react'
import { record } from '../runner.ts'
import { download } from '../storage.ts'

interface State {
  readonly error: Error | undefined
}

export class ErrorBoundary extends Component<{ children: ReactNode }, State> {
  override state: State = { error: undefined }

  static getDerivedStateFromError(error: Error): State {
    return { error }
  }

  override componentDidMount(): void {
    addEventListener('error', this.outside)
    addEventListener('unhandledrejection', this.outside)
  }

  override componentWillUnmount(): void {
    removeEventListener('error', this.outside)
    removeEventListener('unhandledrejection', this.outside)
  }

  /** Errors of event handlers and timers do not reach React by themselves. */
  private readonly outside = (e: ErrorEvent | PromiseRejectionEvent): void => {
    const cause: unknown = 'reason' in e ? e.reason : e.error
    if (cause instanceof Error) this.setState({ error: cause })
  }

  private readonly save = async (): Promise<void> => {
    try {
      download('crbscope-defect.json', JSON.stringify(await record()))
    } catch {
      download('crbscope-defect.txt', this.state.error?.stack ?? '')
    }
  }

  override render(): ReactNode {
    const { error } = this.state
    if (!error) return this.props.children
    return (
      <main className="panel" style={{ maxWidth: '40rem', margin: '15vh auto 0', padding: '0 1.5rem', gap: '1rem' }}>
        <h1>Something in crbscope is broken</h1>
        <p>
          This is a defect of the program, not of what you did. The recording below leads to it: please attach it to a
          report.
        </p>
        <p className="mono" data-defect>
          {error.message}
        </p>
        <p style={{ display: 'flex', gap: '0.75rem' }}>
          <button type="button" className="button main" onClick={() => void this.save()}>
            Save the recording
          </button>
          <button type="button" className="button" onClick={() => location.reload()}>
            Start again
          </button>
        </p>
      </main>
    )
  }
}
