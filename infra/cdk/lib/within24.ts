import * as fs from 'node:fs';
import * as path from 'node:path';
import { CfnResource, Stack } from 'aws-cdk-lib';
import { CfnInclude } from 'aws-cdk-lib/cloudformation-include';
import * as dynamodb from 'aws-cdk-lib/aws-dynamodb';
import * as events from 'aws-cdk-lib/aws-events';
import * as assets from 'aws-cdk-lib/aws-s3-assets';
import * as s3 from 'aws-cdk-lib/aws-s3';
import * as sns from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';
import { repository } from './repository';

/** What within24 needs to know, and what may be replaced. */
export interface Within24Props {
  /** Where Amazon sends buyers' messages, an address a store; registered in Seller Central. */
  readonly receivingAddresses: string[];
  /** What answers are sent from, an address a store, all of one domain; approved senders in Seller Central. */
  readonly sendingAddresses: string[];
  /** Who gets alerts and alarms by mail. */
  readonly alertEmail: string;

  /** Language of the alerts by mail. @default en */
  readonly operatorLanguage?: 'en' | 'de' | 'ja' | 'zh' | 'ko';
  /** A table of your own, with the keys, indexes and stream of the template's. @default one is made */
  readonly table?: dynamodb.ITable;
  /** Name of the table that is made. @default within24 */
  readonly tableName?: string;
  /** A bus of your own for events. @default one is made */
  readonly eventBus?: events.IEventBus;
  /** A bucket of your own for raw mail and files; its policy must let SES write to `mail/`. @default one is made */
  readonly mailBucket?: s3.IBucket;
  /** Whether to make the SES receipt rule. @default true */
  readonly receiveThroughSes?: boolean;
  /** Whether to make the SES identity of the sending domain. @default true */
  readonly createIdentity?: boolean;
  /** Days for which raw mail is kept. @default 400 */
  readonly rawMailDays?: number;
  /** Days for which files of answers are kept. @default 120 */
  readonly answerFileDays?: number;
  /** Name of the bus on which Zendesk's events come, where they do not come by webhook. @default none */
  readonly zendeskEventBus?: string;
  /** Ids of the stores whose tickets that Zendesk account holds. @default one store named "default" */
  readonly zendeskStores?: string[];
  /** Processor of the functions, as they were built. @default arm64 */
  readonly architecture?: 'arm64' | 'x86_64';
  /** How much is logged. @default info */
  readonly logLevel?: 'error' | 'warn' | 'info' | 'debug' | 'trace';
  /** Days for which logs are kept. @default 30 */
  readonly logDays?: number;

  /** The template. @default infra/template.yaml of this repository */
  readonly template?: string;
  /** Where `sam build` has put the functions, a folder each. @default target/sam of this repository */
  readonly builtFunctions?: string;
}

/**
 * within24, from its SAM template and the functions that `sam build` made.
 *
 * Once in a stack: the resources keep the names of the template.
 */
export class Within24 extends Construct {
  /** The template's resources, by the names they have there: for what the props do not offer. */
  public readonly template: CfnInclude;
  /** Alerts and alarms; subscribe whom you like. */
  public readonly alertTopic: sns.ITopic;
  /** The bus of alerts and other events; make rules on it. */
  public readonly eventBus: events.IEventBus;

  constructor(scope: Construct, id: string, props: Within24Props) {
    super(scope, id);
    if (props.table && props.table.tableStreamArn === undefined) {
      throw new Error('within24: the table needs a stream of new images');
    }
    const flag = (value: boolean | undefined) => (value === undefined ? undefined : value ? 'yes' : 'no');
    const parameters: Record<string, unknown> = {
      ReceivingAddress: props.receivingAddresses,
      SendingAddress: props.sendingAddresses,
      AlertEmail: props.alertEmail,
      OperatorLanguage: props.operatorLanguage,
      TableName: props.table?.tableName ?? props.tableName,
      CreateTable: flag(props.table ? false : undefined),
      TableStreamArn: props.table?.tableStreamArn,
      EventBusName: props.eventBus?.eventBusName,
      CreateEventBus: flag(props.eventBus ? false : undefined),
      MailBucketName: props.mailBucket?.bucketName,
      ReceiveThroughSes: flag(props.receiveThroughSes),
      CreateIdentity: flag(props.createIdentity),
      RawMailDays: props.rawMailDays,
      AnswerFileDays: props.answerFileDays,
      ZendeskEventBus: props.zendeskEventBus,
      ZendeskStores: props.zendeskStores,
      Architecture: props.architecture,
      LogLevel: props.logLevel,
      LogDays: props.logDays,
    };
    // What is not given stays a parameter of the stack, with the template's default.
    const given = Object.entries(parameters).filter(([, value]) => value !== undefined);

    this.template = new CfnInclude(this, 'Template', {
      templateFile: props.template ?? path.join(repository(), 'infra', 'template.yaml'),
      parameters: Object.fromEntries(given),
      preserveLogicalIds: true,
    });

    const built = props.builtFunctions ?? path.join(repository(), 'target', 'sam');
    for (const resource of this.template.node.findAll().filter(CfnResource.isCfnResource)) {
      if (resource.cfnResourceType !== 'AWS::Serverless::Function') {
        continue;
      }
      const name = Stack.of(this).resolve(resource.logicalId) as string;
      const folder = path.join(built, name);
      if (!fs.existsSync(path.join(folder, 'bootstrap'))) {
        throw new Error(`within24: ${folder} holds no built function; run \`sam build\` first`);
      }
      const code = new assets.Asset(this, `${name}Code`, { path: folder });
      resource.addPropertyOverride('CodeUri', { Bucket: code.s3BucketName, Key: code.s3ObjectKey });
      // Says to SAM how to build: that is done.
      resource.cfnOptions.metadata = {};
    }

    const topic = this.template.getResource('AlertTopic');
    this.alertTopic = sns.Topic.fromTopicArn(this, 'AlertTopic', topic.ref);
    this.eventBus =
      props.eventBus ??
      events.EventBus.fromEventBusName(this, 'EventBus', (this.template.getResource('EventBus') as events.CfnEventBus).name);
  }
}
