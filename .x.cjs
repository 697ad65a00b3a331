const {tf,setSeed}=require("convnets");
const {compileSteps}=require("/work/main/.build/lib/training/compiled/compile");
const {CompiledSteps}=require("/work/main/.build/lib/training/compiled/compiledSteps");
const {fusedTfjsOptimizer}=require("/work/main/.build/lib/training/compiled/optimizerUpdates");
const L=tf.layers;
function build(which){let i,h,o,bs,loss;
 if(which==='mnist'){i=tf.input({shape:[28,28,1]});h=i;for(const f of [32,64]){h=L.conv2d({filters:f,kernelSize:3,activation:'relu'}).apply(h);h=L.maxPooling2d({poolSize:2}).apply(h);}
 h=L.conv2d({filters:128,kernelSize:3,activation:'relu'}).apply(h);h=L.flatten().apply(h);o=L.dense({units:10,activation:'softmax'}).apply(h);bs=64;loss='sparseCategoricalCrossentropy';}
 else{i=tf.input({shape:[180,180,3]});h=i;for(const f of [32,64,128,256]){h=L.conv2d({filters:f,kernelSize:3,activation:'relu'}).apply(h);h=L.maxPooling2d({poolSize:2}).apply(h);}
 h=L.conv2d({filters:256,kernelSize:3,activation:'relu'}).apply(h);h=L.flatten().apply(h);o=L.dense({units:1,activation:'sigmoid'}).apply(h);bs=32;loss='binaryCrossentropy';}
 const m=tf.model({inputs:i,outputs:o});m.compile({optimizer:process.argv[3]||'rmsprop',loss,metrics:['accuracy']});return {m,bs};}
(async()=>{
 setSeed(1);
 const which=process.argv[2]||'mnist';const {m,bs}=build(which);
 const N=10*bs;const x=which==='mnist'?tf.randomUniform([N,28,28,1],0,1,'float32',7):tf.randomUniform([N,180,180,3],0,1,'float32',7);
 const y=which==='mnist'?tf.randomUniform([N,1],0,10,'int32',8).toFloat():tf.randomUniform([N,1],0,2,'int32',8).toFloat();
 const B=[];for(let i=0;i<10;i++){const a=tf.slice(x,i*bs,bs),b=tf.slice(y,i*bs,bs);B.push([tf.tensor(a.dataSync(),a.shape),tf.tensor(b.dataSync(),b.shape)]);}
 const f=m.makeTrainFunction();
 // make slots
 const opt=m.optimizer;const tw=m.collectedTrainableWeights.map(w=>w.read());
 const before=tw.map(v=>v.clone());
 tf.tidy(()=>opt.applyGradients(tw.map(v=>({name:v.name,tensor:tf.zerosLike(v)}))));
 if(opt.accBeta1){opt.accBeta1.assign(tf.scalar(.9));opt.accBeta2.assign(tf.scalar(.999));}
 let t=Date.now();const n0=tf.memory().numTensors;
 const cm=compileSteps([{name:'train',run:ts=>f(ts),inputs:[{shape:x.shape.slice(1),dtype:'float32'},{shape:[1],dtype:'float32'}],scalars:true,optimizer:{optimizer:opt,fused:fusedTfjsOptimizer(opt)}}],{precision:process.argv[4]||'float32'});
 console.log('compile',Date.now()-t,'ms tensors',tf.memory().numTensors-n0);
 const S=new CompiledSteps(cm);await S.push();
 const g=[];for(const b of B)g.push((await S.run('train',b,{learningRate:opt.learningRate}))[0].data);
 if(which==='mnist'||process.argv[5]){const e=B.map(b=>{const o=f(b);const d=o.map(t=>t.dataSync()[0]);tf.dispose(o);return d;});
 g.forEach((q,i)=>console.log(i,q[0],e[i][0],q[1],e[i][1]));}
 for(let r=0;r<3;r++){const t0=process.hrtime.bigint();for(const b of B)await S.run('train',b,{learningRate:opt.learningRate});console.log((Number(process.hrtime.bigint()-t0)/1e7).toFixed(2),'ms/step');}
 S.dispose();
})();
