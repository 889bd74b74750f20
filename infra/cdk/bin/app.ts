import { App, Stack } from 'aws-cdk-lib';
import { Within24 } from '../lib/within24';

/** `cdk deploy -c receiving=… -c sending=… -c alerts=…`: within24 in a stack of its own. */
const app = new App();

function asked(name: string): string {
  const value: unknown = app.node.tryGetContext(name);
  if (typeof value !== 'string' || value === '') {
    throw new Error(`say -c ${name}=…`);
  }
  return value;
}

const stack = new Stack(app, 'within24', { description: 'within24 - Amazon buyer messages answered within 24 hours' });
new Within24(stack, 'Within24', {
  receivingAddresses: asked('receiving').split(','),
  sendingAddresses: asked('sending').split(','),
  alertEmail: asked('alerts'),
});
