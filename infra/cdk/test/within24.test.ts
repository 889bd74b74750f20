import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { test } from 'node:test';
import { App, Stack, Validations } from 'aws-cdk-lib';
import { Template } from 'aws-cdk-lib/assertions';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as s3 from 'aws-cdk-lib/aws-s3';
import { AwsSolutionsChecks } from 'cdk-nag';
import { parse } from 'yaml';
import { repository } from '../lib/repository';
import { Within24, Within24Props } from '../lib/within24';

const TEMPLATE = path.join(repository(), 'infra', 'template.yaml');

type Json = string | number | boolean | null | Json[] | { [name: string]: Json };
type Resources = Record<string, { Type: string; Properties?: Record<string, Json>; [name: string]: Json | undefined }>;

/** The SAM template, short tags in their long form. */
function samTemplate(): { Parameters: Record<string, Json>; Conditions: Json; Resources: Resources; Outputs: Json } {
  const functions = ['Ref', 'GetAtt', 'Sub', 'If', 'Equals', 'Select', 'Split', 'Not', 'And', 'Or', 'Join'];
  const long = (name: string, value: Json) => {
    const split = name === 'GetAtt' && typeof value === 'string' ? value.split(/\.(.*)/s).slice(0, 2) : value;
    return { [name === 'Ref' ? 'Ref' : `Fn::${name}`]: split };
  };
  const tags = functions.flatMap((name) => [
    { tag: `!${name}`, resolve: (value: string) => long(name, value) },
    { tag: `!${name}`, collection: 'seq' as const, resolve: (value: { toJSON(): Json }) => long(name, value.toJSON()) },
  ]);
  return parse(fs.readFileSync(TEMPLATE, 'utf8'), { customTags: tags as never });
}

/** Functions as `sam build` leaves them: enough for the assets of a test. */
function builtFunctions(): string {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'within24-'));
  for (const [name, resource] of Object.entries(samTemplate().Resources)) {
    if (resource.Type === 'AWS::Serverless::Function') {
      fs.mkdirSync(path.join(folder, name));
      fs.writeFileSync(path.join(folder, name, 'bootstrap'), name);
    }
  }
  return folder;
}

const THREE = {
  receivingAddresses: ['amazon@mail.lampen.example'],
  sendingAddresses: ['amazon@mail.lampen.example'],
  alertEmail: 'mara@lampen.example',
};

type Own = Partial<Pick<Within24Props, 'table' | 'eventBus' | 'mailBucket' | 'builtFunctions'>>;

function stackWith(more: (stack: Stack) => Own = () => ({})) {
  const stack = new Stack(new App(), 'within24', { env: { region: 'eu-west-1', account: '123456789012' } });
  const within24 = new Within24(stack, 'Within24', { ...THREE, builtFunctions: builtFunctions(), ...more(stack) });
  return { stack, within24 };
}

/** The value with parameters replaced by what was given for them. */
function given(value: Json, parameters: Record<string, Json>): Json {
  if (Array.isArray(value)) {
    return value.map((one) => given(one, parameters));
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const reference = value['Ref'];
  if (typeof reference === 'string' && reference in parameters) {
    return parameters[reference]!;
  }
  const inside = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, given(inner, parameters)]));
  // As CDK does, what can be worked out is.
  const split = inside['Fn::Split'] as [string, Json] | undefined;
  if (split && typeof split[1] === 'string') {
    return split[1].split(split[0]);
  }
  const select = inside['Fn::Select'] as [number, Json] | undefined;
  return select && Array.isArray(select[1]) ? select[1][select[0]]! : inside;
}

/** The value with every `Fn::GetAtt` as a list: CloudFormation takes both forms, CDK writes both. */
function attributes(value: Json): Json {
  if (Array.isArray(value)) {
    return value.map(attributes);
  }
  if (value === null || typeof value !== 'object') {
    return value;
  }
  const attribute = value['Fn::GetAtt'];
  if (typeof attribute === 'string') {
    return { 'Fn::GetAtt': attribute.split('.') };
  }
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, attributes(inner)]));
}

test('the synthesized stack has the resources, roles and settings of the SAM template', () => {
  const sam = samTemplate();
  const three = { ReceivingAddress: THREE.receivingAddresses, SendingAddress: THREE.sendingAddresses, AlertEmail: THREE.alertEmail };
  const made = Template.fromStack(stackWith().stack).toJSON();
  const resources: Resources = made['Resources'];
  assert.deepEqual(Object.keys(resources).sort(), Object.keys(sam.Resources).sort());
  for (const [name, resource] of Object.entries(sam.Resources)) {
    const wanted = given(resource as Json, three) as Resources[string];
    const found = structuredClone(resources[name]!);
    if (resource.Type === 'AWS::Serverless::Function') {
      // The code is what `sam build` made, as an asset.
      const code = found.Properties!['CodeUri'] as { [name: string]: Json };
      assert.match(String(code['Key']), /^[0-9a-f]{64}\.zip$/, name);
      wanted.Properties!['CodeUri'] = code;
      delete wanted['Metadata'];
      delete found['Metadata'];
    }
    // CDK writes a lone dependency as a list.
    for (const one of [wanted, found]) {
      one['DependsOn'] = [one['DependsOn'] ?? []].flat() as Json;
    }
    assert.deepEqual(attributes(found as Json), attributes(wanted as Json), name);
  }
});

test('what is not given stays a parameter with the default of the template', () => {
  const sam = samTemplate();
  const made = Template.fromStack(stackWith().stack).toJSON()['Parameters'];
  for (const [name, parameter] of Object.entries(sam.Parameters)) {
    const replaced = ['ReceivingAddress', 'SendingAddress', 'AlertEmail'].includes(name);
    assert.deepEqual(made[name], replaced ? undefined : parameter, name);
  }
});

test('a table, a bus and a bucket of your own take the place of those that are made', () => {
  const { stack } = stackWith((stack) => ({
    table: new dynamodb.TableV2(stack, 'Own', {
      partitionKey: { name: 'pk', type: dynamodb.AttributeType.STRING },
      sortKey: { name: 'sk', type: dynamodb.AttributeType.STRING },
      dynamoStream: dynamodb.StreamViewType.NEW_IMAGE,
    }),
    eventBus: new events.EventBus(stack, 'OwnBus'),
    mailBucket: new s3.Bucket(stack, 'OwnBucket'),
  }));
  const made = Template.fromStack(stack).toJSON();
  const resources: Resources = made['Resources'];
  const idOf = (type: string, own: string) =>
    Object.keys(resources).find((name) => name.startsWith(own) && resources[name]!.Type === type)!;
  const table = idOf('AWS::DynamoDB::GlobalTable', 'Own');
  const bucket = idOf('AWS::S3::Bucket', 'OwnBucket');
  const bus = idOf('AWS::Events::EventBus', 'OwnBus');
  for (const condition of ['OwnTable', 'OwnEventBus']) {
    assert.deepEqual(made['Conditions'][condition], { 'Fn::Equals': ['no', 'yes'] }, condition);
  }
  const receive = resources['ReceiveMail']!.Properties! as { Environment: { Variables: Record<string, Json> } };
  const settings = receive.Environment.Variables;
  assert.deepEqual(settings['TABLE_NAME'], { Ref: table });
  assert.deepEqual(settings['EVENT_BUS_NAME'], { Ref: bus });
  assert.deepEqual((settings['MAIL_BUCKET'] as { 'Fn::If': Json[] })['Fn::If'][2], { Ref: bucket });
  const role = JSON.stringify(resources['ReceiveMailRole']);
  assert.ok(role.includes(`table/\${TableName}",{"TableName":{"Ref":"${table}"}}`), role);
  const source = JSON.stringify(resources['SendReply']!.Properties!['Events']);
  assert.ok(source.includes(`{"Fn::GetAtt":["${table}","StreamArn"]}`), source);
});

test('a table without a stream is refused with a sentence', () => {
  const without = () => stackWith((stack) => ({ table: dynamodb.Table.fromTableName(stack, 'Own', 'own') }));
  assert.throws(without, /stream of new images/);
});

test('functions that are not built are refused with a sentence', () => {
  assert.throws(() => stackWith(() => ({ builtFunctions: os.tmpdir() })), /run `sam build` first/);
});

/** What AWS's checks ask for, and why it is not so here. */
const REASONS: Record<string, string> = {
  'AwsSolutions-S1': "Access logs of a bucket that only SES writes to and one function reads would be more of buyers' data.",
  'AwsSolutions-SQS3': 'These queues are the places for failures; they have none behind them.',
  'AwsSolutions-SMG4': 'Helpdesks give the secrets out: they are changed there, and two are valid while that lasts.',
  'AwsSolutions-APIG4': 'Helpdesks cannot sign as AWS does, and callers of the API hold tokens: the functions check signatures and tokens.',
  'AwsSolutions-IAM5': 'Names of streams, mails, files and addresses cannot be known; tests/infra lists each with its reason.',
};

test("AWS's own checks find nothing that has no reason, and each reason is needed", () => {
  const outdir = fs.mkdtempSync(path.join(os.tmpdir(), 'within24-'));
  const app = new App({ outdir });
  const stack = new Stack(app, 'within24', { env: { region: 'eu-west-1', account: '123456789012' } });
  new Within24(stack, 'Within24', { ...THREE, builtFunctions: builtFunctions() });
  Validations.of(app).addPlugins(new AwsSolutionsChecks(app));
  assert.throws(() => app.synth());
  const report = JSON.parse(fs.readFileSync(path.join(outdir, 'validation-report.json'), 'utf8'));
  const checks = report.pluginReports.find((plugin: { pluginName: string }) => plugin.pluginName === 'AwsSolutions');
  const found = checks.violations.map((one: { ruleName: string }) => one.ruleName.replace(/\[.*/s, ''));
  assert.deepEqual([...new Set<string>(found)].sort(), Object.keys(REASONS).sort());
});
