from tests.hostile.conftest import Live
def test_x(watched: Live) -> None:
    print(watched.told)
    i=watched.item()
    print(watched.attach(open('/work/shared/cases/p14_48mp.heic','rb').read(),'a.heic',i))
    print(watched.page('/admin/import/').status)
    r=watched.post('/admin/import/',{"community":watched.told["community"]},{"file":("a.xlsx",open('/work/shared/cases/s40_far_corner.xlsx','rb').read())})
    print(r.status,r.url,r.seconds)
