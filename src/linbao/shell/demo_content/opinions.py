"""What residents said (3.1)."""

from linbao.shell.demo_content.telling import opinion

ITEMS = [
    opinion("service", "社区食堂中午排队太久", "七十多岁的顾阿姨说，食堂菜好价钱也公道，就是十一点半以后队伍排到门外，腿脚不好的老人站不住，上礼拜有一位差点晕倒。", "顾美珍", "老人窗口单独开，或者错峰送餐", kind="suggestion", days=171, grid=1, place="社区食堂门口", points=["午间排队超过半小时", "老人久站有风险"], suggestion="设一个老年窗口，十一点先供七十岁以上老人。", by="handler1", did="自本周起食堂开设银龄窗口，11:00—11:30 优先供应，门口加了六把椅子。", said="椅子加得好，现在不用站着等了", adopted="写入街道《老年食堂服务标准》"),
    opinion("service", "希望晚上也能办居住证明", "小夫妻都在开发区上班，六点半才到家，请假办一张证明扣半天工资。问能不能一个礼拜有一天晚一点下班。", "林浩", "每周有一天办到晚上八点", kind="need", reply="link", days=64, grid=5, place="5幢1单元", points=["双职工白天办不了证明"], by="handler1", did="每周三服务大厅延时到 20:00，已在公众号和单元门张贴告示。", verdict="mostly_satisfied", said="星期三有时还要加班，能网上办更好"),
    opinion("environment", "12幢后面的桂花树影响采光", "一楼三户人家都说，树长得跟二楼一样高，白天屋里要开灯，衣服晾不干，梅雨天墙都长毛。", "潘志华", "把树修矮一点，不要砍", days=150, grid=3, place="12幢北侧", points=["三户低层采光受影响", "居民不同意砍树"], by="handler3", did="园林工人已疏枝提干，冠幅收窄约三分之一，树没有动。", said="亮堂多了，树也还在", photo="tree"),
    opinion("environment", "儿童乐园地垫起翘", "孩子跑着跑着绊倒两个，膝盖都破了。地垫的胶开了，一掀一大片，下面积水有味道。", "田雨", "快点换掉，或者先围起来", days=9, grid=2, place="中心花园儿童乐园", points=["地垫起翘约六平方米", "已绊倒两名儿童"], by="handler2", end="handling", told="已围挡，等地垫到货"),
    opinion("culture", "想要一个练合唱的地方", "老年合唱团二十三个人，原来在车棚里唱，夏天热冬天冷，还有人嫌吵投诉。团长说只要一间屋子，一个礼拜两个下午。", "邵桂英", "借一间活动室，每周两个下午", kind="need", reply="visit", days=122, grid=4, place="社区文化站", points=["合唱团无固定场地", "与住户有噪声矛盾"], suggestion="文化站二楼会议室周二、周四下午闲置，可排给合唱团。", source="forum", by="handler1", did="文化站二楼排给合唱团，周二、周四 14:00—16:00，钥匙由团长保管。", said="太谢谢了，国庆我们要演一场"),
    opinion("culture", "图书角的书该换换了", "书架上还是几年前的养生杂志，孩子放学来没书看。有个妈妈愿意捐两箱绘本。", "郭婷", "腾出两格放儿童书", kind="suggestion", reply="link", days=35, grid=6, place="社区图书角", points=["儿童读物缺", "有居民愿捐书"], by="handler1", did="清理旧刊 140 册，收到捐赠绘本 96 册，周六有志愿者讲故事。", said="孩子天天要来"),
    opinion("safety", "地下车库晚上没人巡", "三号库入口的灯坏了一半，女同志下班晚，一个人走进去心里发毛。上个月还有人车窗被敲。", "殷琳", "晚上九点以后有人巡，灯修好", days=88, grid=7, place="地下车库3号入口", points=["照明缺失", "夜间无巡逻"], by="handler4", did="灯具全部换成感应灯，保安 21 点到次日 6 点每小时巡一次，打卡记录可查。", verdict="mostly_satisfied", said="灯好了，巡逻有时候没看见人"),
    opinion("safety", "外卖车在小区里开得飞快", "放学那个点最吓人，孩子往外跑，电动车往里冲。大家在群里说了好多次，没人管。", "孟凡", "门口限速，或者外卖放驿站", kind="complaint", days=4, grid=1, place="南门内主路", points=["放学时段人车混行", "多名家长反映"], end="submitted", source="resident"),
    opinion("facility", "健身器材缺了一只脚蹬", "漫步机右边的脚蹬断了，老年人不知道踩上去，前两天就有一个闪了腰。", "伍志强", "修好，修不好就先拆", days=40, grid=8, place="8网格健身角", points=["漫步机脚蹬断裂", "有老人扭伤"], by="handler2", did="已更换脚蹬并逐台紧固，贴了检修日期和报修电话。", said="修得快", photo="fitness"),
    opinion("facility", "晾衣杆不够用", "我们这几幢没有阳台，全靠楼下那两排杆子，晴天要抢。张大姐和对门为这事吵了两回。", "汤月娥", "加两排晾衣杆", kind="need", days=21, grid=2, place="7幢与8幢之间", points=["晾晒设施不足", "引发邻里口角"], by="handler2", end="resolved", did="已加装两排折叠晾衣杆，共 24 米。"),
    opinion("property", "物业电话总是没人接", "水管漏了打三个电话没人接，自己跑到物业，前台说师傅下班了。物业费一分没少交。", "贺军", "晚上要有人值班接电话", days=57, grid=5, place="物业服务中心", points=["非工作时间无人接听", "漏水处置不及时"], by="handler1", did="物业公布 24 小时值班手机，社区抽查 5 次均接通。", verdict="satisfied", said="昨天试了，通的"),
    opinion("property", "物业费账目看不明白", "公示栏贴的账就三行字，电梯广告收入多少、花到哪里去了，问谁谁不知道。大家不是不交钱，是想看个明白。", "", "每季度公布一次明细", days=14, grid=6, place="公示栏", points=["公共收益未公示明细"], by="handler1", end="evaluated", did="物业已按科目公示上半年收支，公共收益另列一表。"),
    opinion("welfare", "独居老人手机不会用，领不到补贴", "八十三岁的方爷爷补贴要手机刷脸认证，他用的是老人机，儿子在外地，急得不行。", "方有根", "上门帮着认证一下", kind="need", reply="visit", days=101, grid=3, place="15幢302室附近", points=["高龄老人无法线上认证"], suggestion="网格员每月上门集中代办一次。", by="handler1", did="已上门完成认证；全社区排出同类老人 17 位，网格员每月 5 日上门代办。", said="姑娘耐心，茶都没喝一口", adopted="街道推广“每月五日上门办”"),
    opinion("welfare", "残疾人坡道被花箱挡住了", "坐轮椅出门，坡道口摆了两个大花箱，只能绕到停车场出去，跟车子抢道。", "龚明", "花箱挪走就行", days=2, grid=4, place="3幢单元门坡道", points=["无障碍通道被占"], end="approved"),
    opinion("other", "感谢网格员找回走失的老人", "我妈有点糊涂，前天晚上走丢了，网格员和保安一个个楼道找，半夜一点在车棚里找到。全家人都要谢谢他们。", "宋洁", "给他们表扬", kind="praise", reply="none", days=76, grid=7, place="电动车棚", points=["夜间寻回走失老人"], source="resident", by="handler1", did="已在社区会议上表扬，并给两位走失风险老人配了定位手环。", said="谢谢"),
    opinion("other", "能不能组织一次旧物交换", "家里小孩的推车、书包都还好好的，扔了可惜，卖又麻烦。楼里好几家都这么说。", "卢佳", "周末在广场摆一次", kind="suggestion", reply="link", days=0.6, grid=2, place="中心广场", points=["居民有旧物交换需求"], end="draft"),
]
